import CFastCGI
import CGI
import Glibc
import HTTPTypes

/// One thread's seat at the listening socket; holds at most one request at a time.
///
/// A connection ends with its request, also if the web server would keep it (`FCGI_KEEP_CONN`, FastCGI 1.0,
/// section 5.1). A web server that sets this flag expects the end of each response to be said
/// (`FCGI_END_REQUEST`), and does not take a broken connection for it.
@safe
struct RequestSlot: ~Copyable {
  /// How many unread bytes are worth draining, so that the connection can be closed at once.
  private static let maxDrainBytes = 1 << 30

  private let record: UnsafeMutablePointer<FCGX_Request>

  /// The outcome of accepting a request.
  enum Turn {
    case served
    /// Another thread or process was quicker.
    case takenByAnother
    case failed(errorNumber: Int32)
  }

  /// Makes a slot; `FCGX_Init` must have been called.
  init() {
    unsafe record = .allocate(capacity: 1)
    unsafe record.initialize(to: FCGX_Request())
    unsafe FCGX_InitRequest(record, ListeningSocket.descriptor, 0)
  }

  deinit {
    unsafe FCGX_Free(record, 1)
    unsafe record.deallocate()
  }

  /// Accepts a connection, if there still is one, and answers its request.
  func serveNext(_ responder: Responder) -> Turn {
    let result = unsafe FCGX_Accept_r(record)
    guard result == 0 else {
      return result == -EAGAIN ? .takenByAnother : .failed(errorNumber: -result)
    }
    // A kept connection would pin this thread, and bytes that were not read would be parsed as the next
    // request.
    unsafe record.pointee.keepConnection = 0
    if answer(responder) {
      closeConnection()
    } else {
      unsafe FCGX_Finish_r(record)
    }
    return .served
  }

  /// Closes the connection of a request that was read to its end and answered.
  ///
  /// libfcgi would shut it down, wait for the web server to close it, at most 2 s, and read what comes
  /// until then: that protects the response from a reset by bytes that were not read. There are none.
  private func closeConnection() {
    close(detach())
  }

  /// Takes the connection away from libfcgi, which neither closes it nor uses it again.
  ///
  /// - Returns: Its descriptor.
  private func detach() -> Int32 {
    let descriptor = unsafe record.pointee.ipcFd
    unsafe FCGX_Free(record, 0)
    // Otherwise the next accept would close the descriptor, which may be another connection's by then.
    unsafe record.pointee.ipcFd = -1
    return descriptor
  }

  /// The outcome of accepting a request in order to park it.
  enum Arrival {
    case parked(Request, ParkedRequest)
    /// The meta-variables did not make a request.
    case refused(MetaVariableError, ParkedRequest)
    /// Another thread or process was quicker.
    case takenByAnother
    case failed(errorNumber: Int32)
  }

  /// Accepts a connection, if there still is one, reads its request to the end and parks it.
  ///
  /// libfcgi releases the connection without closing it (`FCGX_Free`); this slot is then free.
  func parkNext(in parking: Parking, maxBodyBytes: Int) -> Arrival {
    let result = unsafe FCGX_Accept_r(record)
    guard result == 0 else {
      return result == -EAGAIN ? .takenByAnother : .failed(errorNumber: -result)
    }
    let arrival: Result<Request, MetaVariableError>
    do throws(MetaVariableError) {
      arrival = .success(try wholeRequest(maxBodyBytes: maxBodyBytes))
    } catch {
      arrival = .failure(error)
    }
    let requestID = unsafe UInt16(truncatingIfNeeded: record.pointee.requestId)
    let parked = parking.park(detach(), requestID: requestID)
    switch arrival {
    case .success(let request): return .parked(request, parked)
    case .failure(let error): return .refused(error, parked)
    }
  }

  /// The current request with its message-body in memory; a body longer than `maxBodyBytes` is dropped,
  /// which only the announced length still shows.
  private func wholeRequest(maxBodyBytes: Int) throws(MetaVariableError) -> Request {
    let variables = metaVariables
    let read = try Request(metaVariables: variables, bodySource: readStream)
    // A body that ends early is as good as none.
    var body = (try? read.body.readAll(upTo: maxBodyBytes)) ?? []
    _ = read.body.drain(upTo: Self.maxDrainBytes)
    return try Request(metaVariables: variables) { maxBytes in
      defer { body = Array(body.dropFirst(maxBytes)) }
      return Array(body.prefix(maxBytes))
    }
  }

  /// Answers the current request and drains its stream; returns whether nothing is left unread.
  private func answer(_ responder: Responder) -> Bool {
    do throws(MetaVariableError) {
      let request = try Request(metaVariables: metaVariables, bodySource: readStream)
      let response = responder.endpoint(request)
      // Drain before answering: a web server that has got the header may stop sending the body, and
      // both sides would wait for each other.
      let isDrained = request.body.drain(upTo: Self.maxDrainBytes)
      write(response, for: request.method, responder)
      return isDrained
    } catch {
      responder.report(.malformedRequest(error))
      let body = MessageBody(announcedBytes: 0, source: readStream)
      let isDrained = body.drain(upTo: Self.maxDrainBytes)
      write(responder.refusal(error), for: .get, responder)
      return isDrained
    }
  }

  private var metaVariables: MetaVariables {
    // `envp` lives as long as the request.
    MetaVariables(
      unsafe record.pointee.envp.map { unsafe ProcessEnvironment.values(of: $0) } ?? [:])
  }

  private var readStream: MessageBody.Source {
    // The closure is called while the request is in hand, on the thread of the slot.
    let record = unsafe record
    return { maxBytes throws(MessageBodyError) in
      guard let stream = unsafe record.pointee.in else { return [] }
      return unsafe [UInt8](unsafeUninitializedCapacity: maxBytes) { buffer, count in
        count = unsafe buffer.withMemoryRebound(to: CChar.self) { characters in
          unsafe Int(max(0, FCGX_GetStr(characters.baseAddress, Int32(maxBytes), stream)))
        }
      }
    }
  }

  /// Writes the response and the end of the request, together if they fit into one record.
  private func write(
    _ response: Response, for method: HTTPRequest.Method, _ responder: Responder
  ) {
    guard let (out, error) = unsafe streams else { return }
    var isTaken = true
    response.send(for: method) { part in
      let written = unsafe part.withUnsafeBytes { buffer in
        unsafe FCGX_PutStr(
          buffer.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(buffer.count), out)
      }
      isTaken = Int(written) == part.count
      return isTaken
    }
    // The stream that is closed last ends the request (FastCGI 1.0, section 5.5).
    let isEnded = unsafe FCGX_FClose(error) == 0 && FCGX_FClose(out) == 0
    if !isTaken || !isEnded { responder.report(.clientGone) }
  }

  private var streams:
    (out: UnsafeMutablePointer<FCGX_Stream>, error: UnsafeMutablePointer<FCGX_Stream>)?
  {
    guard let out = unsafe record.pointee.out, let error = unsafe record.pointee.err else {
      return nil
    }
    return unsafe (out, error)
  }
}

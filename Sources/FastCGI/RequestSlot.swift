import CFastCGI
import CGI
import HTTPTypes

/// One thread's seat at the listening socket; holds at most one request at a time.
///
/// A web server that sets `FCGI_KEEP_CONN` (FastCGI 1.0, section 5.1) sends its next request on the
/// same connection, and libfcgi remembers that connection in the record. A thread therefore keeps
/// one slot for its whole life.
@safe
struct RequestSlot: ~Copyable {
  /// More than this beyond what an endpoint read is not worth reading to keep a connection.
  private static let maxDrainBytes = 1 << 20

  private let record: UnsafeMutablePointer<FCGX_Request>

  /// Takes a seat; `FCGX_Init` was called before.
  init(listeningSocket: Int32) {
    unsafe record = .allocate(capacity: 1)
    unsafe record.initialize(to: FCGX_Request())
    unsafe FCGX_InitRequest(record, listeningSocket, 0)
  }

  deinit {
    unsafe FCGX_Free(record, 1)
    unsafe record.deallocate()
  }

  /// Waits for a request and answers it.
  ///
  /// - Returns: Whether to go on; false after `FCGX_ShutdownPending`.
  func serveNext(_ responder: Responder) -> Bool {
    guard unsafe FCGX_Accept_r(record) == 0 else { return false }
    let isKeepable = answer(responder)
    if !isKeepable {
      // The connection holds bytes that would be parsed as the next request.
      unsafe FCGX_Free(record, 1)
    }
    unsafe FCGX_Finish_r(record)
    return true
  }

  /// Answers the request in hand and reads its stream to the end.
  private func answer(_ responder: Responder) -> Bool {
    do throws(MetaVariableError) {
      let request = try Request(metaVariables: metaVariables, bodySource: readStream)
      write(responder.endpoint(request).serialized(for: request.method), responder)
      return request.body.drain(upTo: Self.maxDrainBytes)
    } catch {
      responder.report(.malformedRequest(error))
      write(responder.refusal(error).serialized(for: .get), responder)
      return MessageBody(announcedBytes: 0, source: readStream).drain(upTo: Self.maxDrainBytes)
    }
  }

  private var metaVariables: MetaVariables {
    var values: [String: String] = [:]
    // `envp` is an array of C strings that ends with a null pointer and lives as long as the
    // request; the strings are copied.
    guard var next = unsafe record.pointee.envp else { return MetaVariables(values) }
    while let pair = unsafe next.pointee {
      let text = unsafe String(cString: pair)
      let halves = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      if halves.count == 2 { values[String(halves[0])] = String(halves[1]) }
      unsafe next += 1
    }
    return MetaVariables(values)
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

  private func write(_ bytes: [UInt8], _ responder: Responder) {
    guard let stream = unsafe record.pointee.out else { return }
    let written = unsafe bytes.withUnsafeBytes { buffer in
      unsafe FCGX_PutStr(
        buffer.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(buffer.count), stream)
    }
    let isFlushed = unsafe FCGX_FFlush(stream) == 0
    if Int(written) != bytes.count || !isFlushed { responder.report(.clientGone) }
  }
}

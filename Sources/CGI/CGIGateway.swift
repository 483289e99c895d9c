import Glibc
import HTTPTypes
import SystemPackage

/// The Common Gateway Interface (RFC 3875): one process, one request, standard input and output.
public struct CGIGateway {
  private let variables: MetaVariables

  /// Takes the process's environment, which holds the meta-variables (RFC 3875, section 4.1).
  ///
  /// - Returns: `nil` when it is not a CGI environment: `GATEWAY_INTERFACE` is missing.
  public init?(environment: [String: String]) {
    variables = MetaVariables(environment)
    guard variables["GATEWAY_INTERFACE"] != nil else { return nil }
  }

  /// Answers the one request and reads the message-body to its announced end.
  ///
  /// Blocks. A script must not read beyond `CONTENT_LENGTH` (RFC 3875, section 4.2): standard input may be
  /// a connection that stays open.
  /// - Returns: Why the meta-variables do not form a request, for the log; the client then got the
  ///   response that `refusal` makes. `nil` if they do.
  public func serve(
    _ endpoint: Endpoint, refusing refusal: (MetaVariableError) -> Response
  ) -> MetaVariableError? {
    do throws(MetaVariableError) {
      let request = try Request(metaVariables: variables, bodySource: Self.readStandardInput)
      let response = endpoint(request)
      // Reading the rest lets the web server finish writing; an error here changes nothing.
      while let bytes = try? request.body.read(), !bytes.isEmpty {}
      write(response, for: request.method)
      return nil
    } catch {
      write(refusal(error), for: .get)
      return error
    }
  }

  /// Answers without an endpoint: for a script that cannot start, where the web server would otherwise
  /// send an error page of its own.
  public func serve(_ response: Response) {
    write(response, for: .get)
  }

  /// Writes the response and ends it, so that nobody waits for what the process does afterwards.
  private func write(_ response: Response, for method: HTTPRequest.Method) {
    // A client that is gone must not end the process.
    signal(SIGPIPE, SIG_IGN)
    response.send(for: method) { part in
      (try? FileDescriptor.standardOutput.writeAll(part)) != nil
    }
    // The descriptor stays occupied: the next file to be opened must not become standard output.
    guard
      let nowhere = unsafe try? FileDescriptor.open("/dev/null", .writeOnly, options: .closeOnExec)
    else { return }
    _ = try? nowhere.duplicate(as: .standardOutput)
    try? nowhere.close()
  }

  private static func readStandardInput(_ maxBytes: Int) throws(MessageBodyError) -> [UInt8] {
    do {
      return unsafe try [UInt8](unsafeUninitializedCapacity: maxBytes) { buffer, count in
        // The buffer is used within this call only, and `read` fills at most its size.
        count = unsafe try FileDescriptor.standardInput.read(
          into: UnsafeMutableRawBufferPointer(buffer))
      }
    } catch {
      throw .unreadable("\(error)")
    }
  }
}

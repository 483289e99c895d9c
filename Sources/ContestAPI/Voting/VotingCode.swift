import Contest
import Crypto
import Files
import HTTPTypes

/// A code on a printed card, `SSSS-MMMM-MM`: a serial, and 30 bits that only the key of its batch gives.
///
/// A code that nobody has used is stored nowhere.
struct VotingCode {
  /// 30 bits in base 32.
  private static let proofDigits = 6
  private static let trackerDigits = 10

  let serial: Int
  private let key: SymmetricKey

  /// The code of a serial.
  init(serial: Int, key: SymmetricKey) { (self.serial, self.key) = (serial, key) }

  /// Whose ballots it makes.
  var voter: String { VotingSerial.text(serial) }

  /// The code as it is printed.
  var text: String {
    let proof = proof
    return "\(voter)-\(proof.prefix(4))-\(proof.suffix(2))"
  }

  /// What tells the voter, and nobody else, which of the published ballots is the voter's: `XXXXX-XXXXX`.
  var tracker: String {
    let digits = digits(of: "vote tracker", count: Self.trackerDigits)
    return "\(digits.prefix(5))-\(digits.suffix(5))"
  }

  /// Where an entry stands on this voter's list: no entry is first for everybody.
  func rank(of entryID: String) -> [UInt8] { Array(code(of: "vote order \(entryID)")) }

  /// Whether these are the characters after the serial, in the same time wherever they differ.
  fileprivate func isProved(by digits: Substring) -> Bool {
    Array(proof.utf8).isSame(as: Array(digits.utf8))
  }

  private var proof: String { digits(of: "vote code", count: Self.proofDigits) }

  private func digits(of purpose: String, count: Int) -> String {
    let bits = code(of: purpose).prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    return Base32.digits(of: bits >> 8, count: count)
  }

  private func code(of purpose: String) -> HMAC<SHA256>.MAC {
    HMAC<SHA256>.authenticationCode(for: Array("\(purpose) \(voter)".utf8), using: key)
  }
}

/// The codes of a vote's batches.
struct VotingCodes {
  let keys: VotingKeys
  let voting: Voting

  /// The code that somebody has typed; `nil` if there is none like it.
  ///
  /// - Throws: `APIError` with 503 when its key cannot be read, or is not there any more.
  func code(typed text: String) throws(APIError) -> VotingCode? {
    guard text.utf8.count <= 40 else { return nil }
    let digits = Base32.read(text)
    guard let serial = VotingSerial.serial(of: String(digits.prefix(4))),
      let code = try code(ofSerial: serial), code.isProved(by: digits.dropFirst(4))
    else { return nil }
    return code
  }

  /// The code of a serial; `nil` if no batch has it.
  ///
  /// - Throws: `APIError` with 503 when its key cannot be read, or is not there any more.
  func code(ofSerial serial: Int) throws(APIError) -> VotingCode? {
    guard let batch = voting.batch(ofSerial: serial) else { return nil }
    return VotingCode(serial: serial, key: try key(of: batch))
  }

  /// Returns a function that gives the code of a serial, as `code(ofSerial:)` does, and reads each key once.
  ///
  /// - Throws: `APIError` with 503 when a key cannot be read, or is not there any more.
  func all() throws(APIError) -> (_ serial: Int) -> VotingCode? {
    var known: [String: SymmetricKey] = [:]
    for batch in voting.batches { known[batch.id] = try key(of: batch) }
    return { [voting, known] serial in
      guard let batch = voting.batch(ofSerial: serial), let key = known[batch.id] else {
        return nil
      }
      return VotingCode(serial: serial, key: key)
    }
  }

  /// The key of a batch; without it, all its cards are worth nothing.
  ///
  /// - Throws: `APIError` with 503 when it cannot be read, or is not there any more.
  func key(of batch: VoteBatch) throws(APIError) -> SymmetricKey {
    let key: SymmetricKey?
    do throws(FileError) {
      key = try keys.key(ofBatch: batch.id)
    } catch {
      throw APIError(error)
    }
    guard let key else {
      throw APIError(
        .serviceUnavailable, code: "no_key",
        "The key of batch \(batch.id) is not in the data directory any more. Restore "
          + ".admin/vote-key-\(batch.id) from a backup, or print other cards.")
    }
    return key
  }
}

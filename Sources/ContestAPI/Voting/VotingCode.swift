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

  /// Who votes with it.
  let voter: Voter

  /// The code of a serial.
  init(serial: Int, key: SymmetricKey) {
    voter = Voter(id: VotingSerial.text(serial), key: key)
  }

  /// The code as it is printed.
  var text: String {
    let proof = proof
    return "\(voter.id)-\(proof.prefix(4))-\(proof.suffix(2))"
  }

  /// Whether these are the characters after the serial, in the same time wherever they differ.
  fileprivate func isProved(by digits: Substring) -> Bool {
    Array(proof.utf8).isSame(as: Array(digits.utf8))
  }

  private var proof: String { voter.digits(of: "vote code", count: Self.proofDigits) }
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
      let batch = voting.batch(ofSerial: serial)
    else { return nil }
    let code = VotingCode(serial: serial, key: try key(of: batch))
    return code.isProved(by: digits.dropFirst(4)) ? code : nil
  }

  /// Returns a function that gives the voter of a ballot, and reads each key once.
  ///
  /// - Throws: `APIError` with 503 when a key cannot be read, or is not there any more.
  func voters() throws(APIError) -> (_ id: String) -> Voter? {
    var known: [String: SymmetricKey] = [:]
    for batch in voting.batches { known[batch.id] = try key(of: batch) }
    let deviceKey = voting.mode == .device ? try self.deviceKey() : nil
    return { [voting, known] id in
      guard let serial = VotingSerial.serial(of: id) else {
        return deviceKey.map { Voter(id: id, key: $0) }
      }
      let key = voting.batch(ofSerial: serial).flatMap { known[$0.id] }
      return key.map { Voter(id: id, key: $0) }
    }
  }

  /// The key of the voters' browsers.
  ///
  /// - Throws: `APIError` with 503 when it cannot be read, or is not there any more.
  func deviceKey() throws(APIError) -> SymmetricKey {
    try key(named: VotingKeys.device, "Restore it from a backup.")
  }

  /// The key of a batch; without it, all its cards are worth nothing.
  ///
  /// - Throws: `APIError` with 503 when it cannot be read, or is not there any more.
  func key(of batch: VoteBatch) throws(APIError) -> SymmetricKey {
    try key(named: batch.id, "Restore it from a backup, or print other cards.")
  }

  private func key(named name: String, _ advice: String) throws(APIError) -> SymmetricKey {
    let key: SymmetricKey?
    do throws(FileError) {
      key = try keys.key(ofBatch: name)
    } catch {
      throw APIError(error)
    }
    guard let key else {
      throw APIError(
        .serviceUnavailable, code: "no_key",
        "The key .admin/vote-key-\(name) is missing or damaged. \(advice)")
    }
    return key
  }
}

/// A short code for an entry, to be read aloud: the contestant's number and four characters, `17-K7QM`.
///
/// The characters are twenty bits of the 32-bit FNV-1a hash of the submission's identifier
/// (draft-eastlake-fnv, section 2) in Crockford's base 32. They show that the one who says the number has the
/// receipt; they open nothing.
enum ReceiptCode {
  static func text(number: Int, submissionID: String) -> String {
    let hash = submissionID.utf8.reduce(0x811C_9DC5 as UInt32) { hash, byte in
      (hash ^ UInt32(byte)) &* 0x0100_0193
    }
    return "\(number)-" + Base32.digits(of: UInt64(hash), count: 4)
  }
}

extension Entry {
  /// The code of its receipt; `nil` while it has no number.
  public var receiptCode: String? {
    number.map { ReceiptCode.text(number: $0, submissionID: submissionID) }
  }
}

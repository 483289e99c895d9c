/// A short code for an entry, to be read aloud: the contestant's number and four characters, `17-K7QM`.
///
/// The characters are twenty bits of the 32-bit FNV-1a hash of the submission's identifier
/// (draft-eastlake-fnv, section 2) in Crockford's base 32. They show that the one who says the number has the
/// receipt; they open nothing.
enum ReceiptCode {
  private static let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ")

  static func text(number: Int, submissionID: String) -> String {
    let hash = submissionID.utf8.reduce(0x811C_9DC5 as UInt32) { hash, byte in
      (hash ^ UInt32(byte)) &* 0x0100_0193
    }
    let characters = stride(from: 15, through: 0, by: -5).map { shift in
      alphabet[Int(hash >> UInt32(shift)) & 31]
    }
    return "\(number)-" + String(characters)
  }
}

extension Entry {
  /// The code of its receipt; `nil` while it has no number.
  public var receiptCode: String? {
    number.map { ReceiptCode.text(number: $0, submissionID: submissionID) }
  }
}

import JSON

/// JSON, and the members of a compact text.
extension FuzzTarget {
  static let json = FuzzTarget(name: "json") { bytes in
    guard let value = try? JSONValue(parsing: bytes) else { return }
    let text = value.serialized
    guard let again = try? JSONValue(parsing: text) else {
      fatalError("what was serialized does not parse")
    }
    require(again == value, "parsing what was serialized gives another value")
    require(again.serialized == text, "serializing it again gives another text")
    guard let object = value.object, let members = JSONMembers(scanning: text[...]) else { return }
    // Names with escapes are not found by the scanner, and two of one name are one.
    for member in object.members where member.name.utf8.allSatisfy({ (0x23...0x5B).contains($0) }) {
      require(
        members[member.name].map(Array.init) == object[member.name]?.serialized,
        "the scanner finds another value of “\(member.name)”")
    }
  }

  static let jsonMembers = FuzzTarget(name: "json-members") { bytes in
    // It is for texts of ours, and has to stay within any other.
    if let members = JSONMembers(scanning: bytes[...]) {
      _ = (members["id"], members.string("id"), members.int("createdAt"))
    }
    // A slice that does not begin at 0.
    let padded = [0x7B] + bytes
    if let (members, start) = JSONMembers.scan(padded[1...], upTo: "data") {
      require((1...padded.count).contains(start), "the value is outside of the text")
      _ = members.string("transactionId")
    }
  }
}

import Files
import JSON

/// The rooms of a data file as its `meta` records them.
///
/// ```json
/// {"generation":9,"rooms":{"best":[133,2048,0]}}
/// ```
/// A room's numbers are its offset after the first line and its length, both in bytes, and whether
/// its list was empty when the file was laid out (1) or not (0).
struct Layout {
  struct Room {
    let offset: Int
    let count: Int
    let isListEmpty: Bool
  }

  let generation: Int
  var rooms: [String: Room] = [:]

  init(generation: Int) {
    self.generation = generation
  }

  init?(_ value: JSONValue?) {
    guard let object = value?.object, let generation = object["generation"]?.int,
      let members = object["rooms"]?.object?.members
    else { return nil }
    self.generation = generation
    for member in members {
      let numbers = member.value.array?.compactMap(\.int) ?? []
      let sizes = 0...SystemCalls.maxFileBytes
      guard numbers.count == 3, numbers.allSatisfy(sizes.contains) else { return nil }
      rooms[member.name] = Room(
        offset: numbers[0], count: numbers[1], isListEmpty: numbers[2] == 1)
    }
  }

  var json: JSONValue {
    let members = rooms.sorted { $0.key < $1.key }.map { room in
      JSONObject.Member(
        name: room.key,
        value: [
          .int(room.value.offset), .int(room.value.count), .int(room.value.isListEmpty ? 1 : 0),
        ])
    }
    return ["generation": .int(generation), "rooms": .object(members)]
  }
}

import Foundation

/// The checkout that the tests were built from.
public enum Checkout {
  /// Its path.
  public static let top = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().path
  /// A small photo.
  public static let photo = top + "/Tests/photo.png"
}

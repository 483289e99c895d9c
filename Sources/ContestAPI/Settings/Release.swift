/// Which version of the program this is.
public enum Release {
  /// As the packages name it (https://semver.org).
  public static let version = "0.6.0"
}

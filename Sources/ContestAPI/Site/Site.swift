public import CGI
public import Contest
public import DurableStore
public import Files
import HTTPTypes
public import Logging
public import Photos

/// Everything that a request needs: the store, the photos, the settings.
public final class Site: Sendable {
  /// The contest.
  public let store: any Store<Contest>
  /// The data directory.
  public let folder: Folder
  /// The photos.
  public let photos: PhotoStore
  /// The photos at Cloudinary, if that is configured.
  public let cloudinary: Cloudinary?
  /// Keeps photos and entries consistent.
  public let entryPhotos: EntryPhotos
  /// Moves photos to and from Cloudinary.
  public let outbox: PhotoOutbox
  let committer: ChangeCommitter
  /// The photos in other widths.
  let renditions: Renditions
  /// The settings.
  public let settings: Settings
  /// The administrator's password.
  public let password: AdminPassword
  let throttle: LoginThrottle
  /// Slows down the guessing of judges' links.
  let judgeThrottle: LoginThrottle
  /// Slows down the guessing of voters' codes.
  let voteThrottle: LoginThrottle
  /// The keys of voters' codes.
  let votingKeys: VotingKeys
  /// When the judges' phones were last heard of.
  let attendance: JudgeAttendance
  /// The metrics, if a token for reading them is set.
  let measurements: Measurements?
  package let surroundings: Surroundings
  let logger: Logger
  let startedAtMilliseconds: Int

  /// Creates a site from a store and a data directory.
  ///
  /// - Parameters:
  ///   - settings: The settings.
  ///   - store: The store.
  ///   - folder: The data directory, for photos, passwords and counters.
  ///   - measurements: What the store's measurements are counted in.
  ///   - logger: Takes what operators should read.
  ///   - answersOnce: Whether the process ends after one request.
  ///   - surroundings: Time and chance; others are for tests.
  public init(
    _ settings: Settings, store: any Store<Contest>, folder: Folder, measurements: Measurements?,
    logger: Logger, answersOnce: Bool = false, surroundings: Surroundings = .machine
  ) {
    self.settings = settings
    self.store = store
    self.folder = folder
    self.measurements = measurements
    self.logger = logger
    self.surroundings = surroundings
    photos = PhotoStore(
      folder, places: Places(settings.threads / 4), surroundings: surroundings)
    cloudinary = settings.cloudinary.map { Cloudinary($0, folder, surroundings: surroundings) }
    entryPhotos = EntryPhotos(
      photos: photos, store: store, cloudinary: cloudinary, logger: logger)
    committer = ChangeCommitter(
      store: store, surroundings: surroundings, logger: logger, measurements: measurements)
    // Slow work takes at most three quarters of the threads; the rest stays free for submissions.
    outbox = PhotoOutbox(
      entryPhotos, committer, cloudinary: cloudinary, isModerated: settings.isModerated,
      places: Places(settings.threads / 4))
    renditions = Renditions(
      folder, places: Places(settings.threads / 4), surroundings: surroundings)
    password = AdminPassword(settings, folder)
    throttle = LoginThrottle(folder, surroundings, answersOnce: answersOnce)
    judgeThrottle = LoginThrottle(
      folder, surroundings, answersOnce: answersOnce, file: "judge-failures")
    voteThrottle = LoginThrottle(
      folder, surroundings, answersOnce: answersOnce, file: "vote-failures")
    votingKeys = VotingKeys(folder: folder)
    attendance = JudgeAttendance(folder)
    startedAtMilliseconds = surroundings.nowMilliseconds()
  }

  /// Answers a request; no request can make it fail.
  public func respond(to request: Request) -> Response {
    RequestLabels.labelling(request) {
      let began = ContinuousClock.now
      var response = answer(to: request)
      // With a web server that buffers, a body arrives at once; contestctl doctor checks this field
      // (https://www.w3.org/TR/server-timing/).
      if request.body.waited > .milliseconds(500), let name = HTTPField.Name("Server-Timing") {
        response.fields[name] = "body;dur=\(Int(request.body.waited.inSeconds * 1000))"
      }
      measurements?.note { tally in
        let labels = Router.labels(of: request)
        tally.count(
          .requests,
          "method=\"\(labels.method)\",route=\"\(labels.route)\",status=\"\(response.status.code)\""
        )
        tally.observe(
          .requestDuration, (ContinuousClock.now - began).inSeconds,
          labels: "route=\"\(labels.route)\"")
      }
      return response
    }
  }

  private func answer(to request: Request) -> Response {
    do throws(APIError) {
      return try Router.endpoint(for: request)(self, request)
    } catch {
      return error.response
    }
  }

  /// Adds this process's counts to the shared totals; call it about once a second and before the
  /// process exits.
  public func shareMeasurements() {
    do throws(FileError) {
      try measurements?.share()
    } catch {
      logger.warning("\(error)")
    }
  }

  /// Returns the response to a malformed request, such as one without a method.
  public static func refusal(_ error: MetaVariableError) -> Response {
    APIError.badRequest("bad_request", "The request is malformed: \(error).").response
  }

  /// The response of a CGI script that cannot start.
  public static let unavailable = APIError(
    .serviceUnavailable, code: "unavailable",
    "The site cannot answer right now. Try again in a moment."
  ).with(.retryAfter, "10").response

  /// The current contest.
  func contest() throws(APIError) -> Snapshot<Contest> {
    try logging { () throws(TransactionError) in try store.read() }
  }

  /// Returns the contest as this process knows it, which may be behind.
  func knownContest() throws(APIError) -> Snapshot<Contest> {
    try logging { () throws(TransactionError) in try store.known() }
  }

  private func logging<Result>(
    _ body: () throws(TransactionError) -> Result
  ) throws(APIError) -> Result {
    do throws(TransactionError) {
      return try body()
    } catch {
      logger.error("\(error)")
      throw APIError(error)
    }
  }
}

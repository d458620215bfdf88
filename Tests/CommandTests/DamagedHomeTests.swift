import Foundation
import Testing

/// Records of ferry's own folder that a power cut, a full disk or a hand damaged: each is named, nothing else stops.
struct DamagedHomeTests {
  enum Damage: String, CaseIterable {
    case empty, cut, null, list, otherTypes, zeros, folder, noPermission

    /// The superuser may read everything.
    static var tried: [Damage] { allCases.filter { $0 != .noPermission || getuid() != 0 } }

    func apply(to path: String) throws {
      let files = FileManager.default
      let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
      let other: Data? =
        switch self {
        case .empty: Data()
        case .cut: bytes.prefix(bytes.count / 2)
        case .null: Data("null".utf8)
        case .list: Data("[]".utf8)
        case .otherTypes:
          Data(
            #"{"key":1,"path":[],"manifest":{},"files":"","transcode":0,"job":7,"name":[],"tracks":1,"schema":2}"#.utf8)
        case .zeros: Data(count: 1 << 20)
        case .folder, .noPermission: nil
        }
      if let other { return try other.write(to: URL(fileURLWithPath: path)) }
      if self == .noPermission { return try files.setAttributes([.posixPermissions: 0], ofItemAtPath: path) }
      try files.removeItem(atPath: path)
      try files.createDirectory(atPath: path, withIntermediateDirectories: false)
    }
  }

  /// A home that published two jobs and sent one of them, and its records by kind.
  private struct Home {
    let place: Place
    let jobs: [String]
    private(set) var records: [String: String] = [:]
    /// As it was made.
    private let original: String

    /// Makes the home again as it was made, whatever was done to it.
    func restore() throws {
      try FileManager.default.removeItem(atPath: place.home)
      try FileManager.default.copyItem(atPath: original, toPath: place.home)
    }

    init() throws {
      place = try Place()
      original = place.path + "/original"
      let first = try place.job([place.lesson("A")])
      let text = try String(contentsOfFile: first, encoding: .utf8)
      let second = try place.write(text.replacing("TEST-1", with: "TEST-2"), "second.yaml")
      jobs = [first, second]
      #expect(try place.run(first, second).code == 0)
      _ = try ferry("keys", "new", "--comment", "media@example.org", "--home", place.home)
      let sent = try ferry(
        "deliver", "TEST-2", "--to", place.path + "/drop", "--home", place.home, "--out", place.out)
      #expect(sent.code == 0, "\(sent.errors)")
      func entry(_ folder: String) throws -> String {
        try #require(try FileManager.default.contentsOfDirectory(atPath: place.home + "/" + folder).sorted().first)
      }
      let exchange = "exchange/TEST-2/"
      records = [
        "published": "published/TEST-2_v1.json", "kept": "renditions/\(try entry("renditions"))/kept.json",
        "outcome": "lessons/\(try entry("lessons"))/outcome.json",
        "record": "lessons/\(try entry("lessons"))/record.json", "last": "last/TEST-1/A.json",
        "scratch": "scratch/TOKEN", "sent": exchange + "TEST-2_v1.sent.json",
        "ticket": exchange + "TEST-2_v1.ticket.json", "defects": exchange + "defects.json",
        "receipt": exchange + "receipts/000001-a.json", "key": "key", "signers": "allowed_signers",
      ]
      try FileManager.default.createDirectory(
        atPath: place.home + "/" + exchange + "receipts", withIntermediateDirectories: true)
      for kind in ["scratch", "defects", "receipt", "signers"] where !FileManager.default.fileExists(atPath: path(kind))
      {
        try #"{"schema":"another","defects":[]}"#.write(toFile: path(kind), atomically: true, encoding: .utf8)
      }
      try FileManager.default.copyItem(atPath: place.home, toPath: original)
    }

    func path(_ kind: String) -> String { place.home + "/" + (records[kind] ?? "") }
  }

  /// A copy of a home for one damage; its package is where it was.
  private func copy(_ home: Home) throws -> String {
    let copy = home.place.path + "/copy-" + UUID().uuidString
    try FileManager.default.copyItem(atPath: home.place.home, toPath: copy)
    return copy
  }

  @Test func everyKindOfDamageOfEveryRecordIsNamedAndRepairedByAdopt() throws {
    let home = try Home()
    var tried = 0
    for damage in Damage.tried {
      // An empty list of keys is a list of keys.
      let kinds = home.records.keys.sorted().filter { $0 != "signers" || ![.empty, .zeros].contains(damage) }
      let copy = try copy(home)
      for kind in kinds { try damage.apply(to: copy + "/" + (home.records[kind] ?? "")) }
      let doctor = try ferry("doctor", "--home", copy, "--out", home.place.out)
      let end = try ferry("adopt", "--home", copy, "--out", home.place.out)
      #expect(end.code == 2, "\(damage): what was sent cannot be made anew\n\(end.errors)")
      for kind in kinds {
        let path = copy + "/" + (home.records[kind] ?? "")
        #expect(doctor.output.contains(path), "\(damage) \(kind)\n\(doctor.output)")
        #expect(
          end.errors.contains(path + ": ") || kind == "signers" && end.errors.contains(path),
          "\(damage) \(kind)\n\(end.errors)")
        let isAside = FileManager.default.fileExists(atPath: path + ".damaged")
        #expect(isAside == !["key", "signers"].contains(kind), "\(damage) \(kind)")
        tried += 1
      }
      let rebuilt = copy + "/published/TEST-2_v1.json"
      #expect(
        try Data(contentsOf: URL(fileURLWithPath: rebuilt))
          == Data(contentsOf: URL(fileURLWithPath: home.path("published"))))
      let again = try ferry("adopt", "--home", copy, "--out", home.place.out)
      #expect(!again.errors.contains(".json: "), "what was repaired or set aside is not said again\n\(again.errors)")
    }
    #expect(tried >= 60)
  }

  @Test func aRunGoesOnAndSaysIt() throws {
    let home = try Home()
    let kinds = ["published", "kept", "outcome", "record", "last", "scratch"]
    for damage in Damage.tried {
      try home.restore()
      for kind in ["defects", "receipt"] { try FileManager.default.removeItem(atPath: home.path(kind)) }
      for kind in kinds { try damage.apply(to: home.path(kind)) }
      let end = try home.place.run("--json", home.jobs[0], home.jobs[1])
      #expect(end.code == 0, "\(damage)\n\(end.errors)")
      for kind in ["published", "outcome", "scratch"] {
        #expect(end.errors.contains(home.path(kind)), "\(damage) \(kind)\n\(end.errors)")
      }
      #expect(!end.output.contains("title-started"), "\(damage): what was rebuilt is not made again")
      #expect(end.output.components(separatedBy: #""event":"unchanged""#).count == 3, "\(damage)")
      let again = try home.place.run(home.jobs[0], home.jobs[1])
      #expect(again.code == 0 && !again.errors.contains("home/"), "\(damage)\n\(again.errors)")
    }
  }

  @Test func whatWasSentIsLeftAndItsJobSaysSo() throws {
    let home = try Home()
    for kind in ["sent", "ticket", "defects"] {
      try home.restore()
      try FileManager.default.removeItem(atPath: home.path("defects"))
      try Data(kind == "defects" ? "{".utf8 : "".utf8).write(to: URL(fileURLWithPath: home.path(kind)))
      let end = try home.place.run("--json", home.jobs[0], home.jobs[1])
      #expect(end.errors.contains(home.path(kind)) == (end.code != 0), "\(kind)")
      #expect(FileManager.default.fileExists(atPath: home.path(kind)), "\(kind): never replaced")
      #expect(end.output.contains(home.place.package), "\(kind): the other job goes on")
    }
  }

  @Test func aRecordThatIsGoneIsReadFromItsCopy() throws {
    let home = try Home()
    for kind in ["defects", "receipt"] { try FileManager.default.removeItem(atPath: home.path(kind)) }
    let was = try Data(contentsOf: URL(fileURLWithPath: home.path("published")))
    try FileManager.default.removeItem(atPath: home.path("published"))
    let end = try home.place.run("--json", home.jobs[0], home.jobs[1])
    #expect(end.code == 0 && end.errors.contains(home.path("published") + ": warning: the record is missing"))
    #expect(end.output.components(separatedBy: #""event":"unchanged""#).count == 3, "\(end.output)")
    #expect(try Data(contentsOf: URL(fileURLWithPath: home.path("published"))) == was)
  }

  /// What is damaged in one letter is still JSON of the right types.
  @Test func oneOtherLetterIsDamage() throws {
    let home = try Home()
    for kind in ["defects", "receipt"] { try FileManager.default.removeItem(atPath: home.path(kind)) }
    let kinds = ["published", "outcome", "record", "last"]
    var before: [String: Data] = [:]
    for kind in kinds {
      let file = URL(fileURLWithPath: home.path(kind))
      var bytes = try Data(contentsOf: file)
      before[kind] = bytes
      let place = try #require(bytes.firstRange(of: Data(#"1""#.utf8)) ?? bytes.firstRange(of: Data("e".utf8)))
      bytes[place.lowerBound] ^= 2
      try bytes.write(to: file)
    }
    let end = try home.place.run("--json", home.jobs[0], home.jobs[1])
    #expect(end.code == 0 && !end.output.contains("title-started"), "\(end)")
    for kind in ["published", "outcome"] {
      #expect(end.errors.contains(home.path(kind) + ": warning: the record is damaged"), "\(kind)\n\(end.errors)")
      #expect(try Data(contentsOf: URL(fileURLWithPath: home.path(kind))) == before[kind], "\(kind)")
    }
    let adopted = try ferry("adopt", "--home", home.place.home, "--out", home.place.out).errors
    for kind in ["record", "last"] { #expect((end.errors + adopted).contains(home.path(kind)), "\(kind)\n\(adopted)") }
  }

  @Test func anEmptyDatabaseIsFilledFromTheRecords() throws {
    let home = try Home()
    for kind in ["defects", "receipt"] { try FileManager.default.removeItem(atPath: home.path(kind)) }
    try Data().write(to: URL(fileURLWithPath: home.place.home + "/ferry.db"))
    let end = try home.place.run("--json", home.jobs[0], home.jobs[1])
    #expect(end.code == 0, "\(end.errors)")
    #expect(end.errors.contains("ferry.db: warning: the queue's database is empty"))
    // Both jobs have one lesson, and its record names the job that made it.
    let status = try home.place.queue("status").output
    #expect(status.contains("TEST-1  1 done") || status.contains("TEST-2  1 done"), "\(status)")
    #expect(try home.place.queue("gc").output.hasPrefix("removed 0 folders"), "what is published is known as needed")
  }
}

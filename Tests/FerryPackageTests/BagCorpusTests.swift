import FerryBag
import FerryCore
import Foundation
import Testing

@testable import FerryPackage

/// RFC 8493 rule by rule: the verdict and every sentence.
struct BagCorpusTests {
  @Test(arguments: declaration + manifests + paths + tagManifests + information + fetch + names)
  func saysExactlyThis(_ one: CorpusCase) throws {
    let report = try one.bag().report()
    let said = report.problems.map { "\($0.place): \($0.severity.rawValue): \($0.message)" }
    #expect(said == one.says)
    #expect(report.verdict == one.verdict)
  }

  @Test func thereAreEnoughCases() {
    let all = BagCorpusTests.declaration + BagCorpusTests.manifests + BagCorpusTests.paths + BagCorpusTests.tagManifests
    #expect(
      all.count + BagCorpusTests.information.count + BagCorpusTests.fetch.count + BagCorpusTests.names.count >= 60)
  }

  /// 2.1.1
  static let declaration: [CorpusCase] = [
    .init("good", .valid, []) { _ in },
    .init("good before 1.0", .valid, [], version: "0.97") { _ in },
    .init("good in 0.93", .valid, [], version: "0.93") { _ in },
    .init("lines end with CR LF", .valid, []) {
      $0.put("bagit.txt", "BagIt-Version: 1.0\r\nTag-File-Character-Encoding: UTF-8\r\n")
      $0.put(
        "manifest-sha512.txt", $0.line("data/a.txt").dropLast() + "\r\n" + $0.line("data/b/c.txt").dropLast() + "\r\n")
    },
    .init("lines end with CR", .valid, []) {
      $0.put("bagit.txt", "BagIt-Version: 1.0\rTag-File-Character-Encoding: UTF-8\r")
    },
    .init("no line end at the end", .valid, []) {
      $0.put("bagit.txt", "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8")
    },
    .init("no declaration", .invalid, ["bagit.txt: error: it is missing, so this is no bag"]) {
      $0.files["bagit.txt"] = nil
    },
    .init("byte-order mark", .invalid, ["bagit.txt: error: it begins with a byte-order mark, which BagIt forbids"]) {
      $0.put("bagit.txt", "\u{FEFF}BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n")
    },
    .init("not UTF-8", .invalid, ["bagit.txt: error: it is not UTF-8"]) { $0.files["bagit.txt"] = [0xFF, 0x0A] },
    .init("three lines", .invalid, [twoLines]) { $0.append("bagit.txt", "More: 1\n") },
    .init("lines swapped", .invalid, [twoLines]) {
      $0.put("bagit.txt", "Tag-File-Character-Encoding: UTF-8\nBagIt-Version: 1.0\n")
    },
    .init("another label", .invalid, [twoLines]) {
      $0.put("bagit.txt", "Bagit-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n")
    },
    .init("no number", .invalid, ["bagit.txt:1: error: 'one' is no version number"], version: "one") { _ in },
    .init("no digit before the dot", .invalid, ["bagit.txt:1: error: '.97' is no version number"], version: ".97") {
      _ in
    },
    .init("a sign", .invalid, ["bagit.txt:1: error: '+1.0' is no version number"], version: "+1.0") { _ in },
    .init(
      "newer", .invalid, ["bagit.txt:1: error: version 1.1 is newer than 1.0, the newest that ferry knows"],
      version: "1.1"
    ) { _ in },
    .init("never was", .invalid, ["bagit.txt:1: error: BagIt never had a version 0.98"], version: "0.98") { _ in },
    .init(
      "blanks before the number", .invalid,
      ["bagit.txt:1: error: there must be one blank before the version number and none after it"], version: "  1.0"
    ) { _ in },
    .init(
      "blanks before the number, earlier", .valid,
      ["bagit.txt:1: warning: there are blanks around the version number"], version: "  0.97"
    ) { _ in },
    .init(
      "blank after the encoding", .invalid,
      ["bagit.txt:2: error: there must be one blank before the encoding and none after it"]
    ) { $0.put("bagit.txt", "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8 \n") },
    .init("unknown encoding", .invalid, ["bagit.txt:2: error: ferry does not read tag files in 'EBCDIC'"]) {
      $0.put("bagit.txt", "BagIt-Version: 1.0\nTag-File-Character-Encoding: EBCDIC\n")
    },
    .init("tag files in ISO 8859-1", .valid, []) {
      $0.put("bagit.txt", "BagIt-Version: 1.0\nTag-File-Character-Encoding: ISO-8859-1\n")
      $0.files["bag-info.txt"] = Array("Contact-Name: Jos".utf8) + [0xE9, 0x0A]
    },
    .init("tag files in UTF-16", .valid, []) {
      $0.put("bagit.txt", "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-16\n")
      let text = String(decoding: $0.files["manifest-sha512.txt"] ?? [], as: UTF8.self)
      $0.files["manifest-sha512.txt"] = [0xFF, 0xFE] + text.utf16.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] }
    },
  ]

  private static let twoLines =
    "bagit.txt: error: it must be exactly the two lines 'BagIt-Version: M.N' and 'Tag-File-Character-Encoding: …'"

  /// 2.1.2, 2.1.3
  static let manifests: [CorpusCase] = [
    .init("no payload folder", .invalid, ["data: error: there is no folder 'data', which every bag must have"]) {
      $0.files["data/a.txt"] = nil
      $0.files["data/b/c.txt"] = nil
      $0.put("manifest-sha512.txt", "")
    },
    .init("empty payload", .valid, ["data: warning: it is empty, so the bag brings nothing"]) {
      for name in CorpusBag.payload { $0.files[name] = nil }
      $0.files["data/"] = []
      $0.put("manifest-sha512.txt", "")
    },
    .init(
      "no manifest", .invalid,
      [
        "data/a.txt: error: it is there, but no manifest lists it",
        "data/b/c.txt: error: it is there, but no manifest lists it",
        "manifest-sha512.txt: error: there is no payload manifest, so nothing can be checked",
      ]
    ) { $0.files["manifest-sha512.txt"] = nil },
    .init("changed", .invalid, [changed("data/a.txt")]) { $0.put("data/a.txt", "onE\n") },
    .init("cut off", .invalid, [changed("data/b/c.txt")]) { $0.put("data/b/c.txt", "tw") },
    .init("missing", .incomplete, ["data/a.txt: error: it is listed, but not there"]) { $0.files["data/a.txt"] = nil },
    .init(
      "all at once", .invalid,
      [
        "data/a.txt: error: it is listed, but not there", changed("data/b/c.txt"),
        "data/d.txt: error: it is there, but no manifest lists it",
      ]
    ) {
      $0.files["data/a.txt"] = nil
      $0.put("data/b/c.txt", "three\n")
      $0.put("data/d.txt", "four\n")
    },
    .init("added", .invalid, ["data/d.txt: error: it is there, but no manifest lists it"]) { $0.put("data/d.txt", "") },
    .init("two algorithms", .valid, []) { $0.list("sha256") },
    .init(
      "wrong in one of two", .invalid,
      ["data/a.txt: error: it was changed or damaged: its checksum is not the one in manifest-sha256.txt"]
    ) {
      $0.list("sha256")
      let text = String(decoding: $0.files["manifest-sha256.txt"] ?? [], as: UTF8.self)
      $0.put(
        "manifest-sha256.txt",
        text.replacing($0.digest("data/a.txt", "sha256"), with: String(repeating: "0", count: 64)))
    },
    .init(
      "not every list has every file", .invalid,
      ["manifest-sha256.txt: error: it does not list 'data/a.txt', which another manifest lists"]
    ) { $0.put("manifest-sha256.txt", $0.line("data/b/c.txt", "sha256")) },
    .init("not every list has every file, earlier", .valid, [], version: "0.97") {
      $0.put("manifest-sha256.txt", $0.line("data/b/c.txt", "sha256"))
    },
    .init(
      "only an unknown algorithm", .invalid,
      [
        "manifest-blake3.txt: warning: ferry does not know the checksum 'blake3'; this list is not checked",
        "manifest-blake3.txt: error: no payload manifest has a checksum that ferry knows",
      ]
    ) {
      $0.files["manifest-blake3.txt"] = $0.files["manifest-sha512.txt"]
      $0.files["manifest-sha512.txt"] = nil
    },
    .init(
      "algorithm written with a hyphen", .invalid,
      ["manifest-sha-512.txt: error: the checksum's name must be in small letters and digits only: 'sha512'"]
    ) {
      $0.files["manifest-sha-512.txt"] = $0.files["manifest-sha512.txt"]
      $0.files["manifest-sha512.txt"] = nil
    },
    .init(
      "algorithm written with a hyphen, earlier", .valid,
      ["manifest-sha-512.txt: warning: the checksum's name must be in small letters and digits only: 'sha512'"],
      version: "0.97"
    ) {
      $0.files["manifest-sha-512.txt"] = $0.files["manifest-sha512.txt"]
      $0.files["manifest-sha512.txt"] = nil
    },
    .init("no checksum", .invalid, ["manifest-sha512.txt:3: error: it is not '<checksum> <path>'"]) {
      $0.append("manifest-sha512.txt", "data/d.txt\n")
    },
    .init("no path", .invalid, ["manifest-sha512.txt:3: error: it is not '<checksum> <path>'"]) {
      $0.append("manifest-sha512.txt", "abc\n")
    },
    .init(
      "checksum too short", .invalid,
      [
        changed("data/d.txt"), "manifest-sha512.txt:3: error: the checksum has 3 hex digits, sha512 has 128",
      ]
    ) {
      $0.put("data/d.txt", "")
      $0.append("manifest-sha512.txt", "abc  data/d.txt\n")
    },
    .init("capital hex digits", .valid, []) {
      $0.put("manifest-sha512.txt", $0.digest("data/a.txt").uppercased() + " data/a.txt\n" + $0.line("data/b/c.txt"))
    },
    .init("tabs between", .valid, []) {
      $0.put("manifest-sha512.txt", $0.digest("data/a.txt") + "\t \tdata/a.txt\n" + $0.line("data/b/c.txt"))
    },
    .init("an empty line", .valid, ["manifest-sha512.txt:3: warning: the line is empty"]) {
      $0.append("manifest-sha512.txt", "\n")
    },
    .init("listed twice", .invalid, ["manifest-sha512.txt:3: error: it lists 'data/a.txt' again"]) {
      $0.append("manifest-sha512.txt", $0.line("data/a.txt"))
    },
    .init(
      "listed twice, earlier", .valid, ["manifest-sha512.txt:3: warning: it lists 'data/a.txt' again"], version: "0.97"
    ) {
      $0.append("manifest-sha512.txt", $0.line("data/a.txt"))
    },
    .init(
      "listed twice with two checksums, earlier", .invalid,
      [changed("data/a.txt"), "manifest-sha512.txt:3: error: it lists 'data/a.txt' again with another checksum"],
      version: "0.97"
    ) { $0.append("manifest-sha512.txt", $0.line("data/b/c.txt", as: "data/a.txt")) },
    .init(
      "binary mark of md5sum", .valid,
      ["manifest-sha512.txt:1: warning: there is an asterisk before the path, as md5sum writes it"]
    ) { $0.put("manifest-sha512.txt", $0.line("data/a.txt", as: "*data/a.txt") + $0.line("data/b/c.txt")) },
    .init(
      "byte-order mark in a list", .invalid,
      [
        "manifest-sha512.txt: error: it begins with a byte-order mark, which BagIt forbids in UTF-8"
      ]
    ) { $0.files["manifest-sha512.txt"] = [0xEF, 0xBB, 0xBF] + ($0.files["manifest-sha512.txt"] ?? []) },
    .init(
      "a list in another encoding", .invalid,
      [
        "bag-info.txt: error: it is not in the encoding that bagit.txt declares"
      ]
    ) { $0.files["bag-info.txt"] = Array("Contact-Name: Jos".utf8) + [0xE9, 0x0A] },
  ]

  private static func changed(_ path: String, _ list: String = "manifest-sha512.txt") -> String {
    "\(path): error: it was changed or damaged: its checksum is not the one in \(list)"
  }

  /// 2.1.3 on paths, 5.1 on their dangers.
  static let paths: [CorpusCase] = [
    .init("percent-encoded", .valid, []) {
      $0.put("data/100%.txt", "x")
      $0.append("manifest-sha512.txt", $0.line("data/100%.txt", as: "data/100%25.txt"))
    },
    .init(
      "line end encoded in small letters", .valid,
      ["data/two\nlines: warning: its name holds a control character, which Windows refuses"]
    ) {
      $0.put("data/two\nlines", "x")
      $0.append("manifest-sha512.txt", $0.line("data/two\nlines", as: "data/two%0alines"))
    },
    .init(
      "percent sign as it is", .invalid,
      ["manifest-sha512.txt:3: error: 'data/100%.txt' has a percent sign that is not %25, %0A or %0D"]
    ) {
      $0.put("data/100%.txt", "x")
      $0.append("manifest-sha512.txt", $0.line("data/100%.txt"))
    },
    .init("percent sign as it is, earlier", .valid, [], version: "0.97") {
      $0.put("data/100%25.txt", "x")
      $0.append("manifest-sha512.txt", $0.line("data/100%25.txt"))
    },
    .init("blanks within a name", .valid, []) {
      $0.put("data/two  words.txt", "x")
      $0.append("manifest-sha512.txt", $0.line("data/two  words.txt"))
    },
    .init("a line separator that is none of BagIt's", .valid, []) {
      $0.put("data/a\u{2028}b\u{85}c", "x")
      $0.append("manifest-sha512.txt", $0.line("data/a\u{2028}b\u{85}c"))
    },
    .init("a name that begins with an accent", .valid, []) {
      $0.put("data/\u{301}e", "x")
      $0.append("manifest-sha512.txt", $0.line("data/\u{301}e"))
    },
    .init("leading ./", .valid, ["manifest-sha512.txt:1: warning: the path begins with './'"]) {
      $0.put("manifest-sha512.txt", $0.line("data/a.txt", as: "./data/a.txt") + $0.line("data/b/c.txt"))
    },
    .init(
      "/./ within", .invalid,
      [
        "data/a.txt: error: it is there, but no manifest lists it",
        "manifest-sha512.txt:1: error: the path 'data/./a.txt' has a part '.', so it is another file's name written differently",
      ]
    ) { $0.put("manifest-sha512.txt", $0.line("data/a.txt", as: "data/./a.txt") + $0.line("data/b/c.txt")) },
    .init(
      "two slashes", .invalid,
      [
        "data/a.txt: error: it is there, but no manifest lists it",
        "manifest-sha512.txt:1: error: the path 'data//a.txt' has two slashes in a row",
      ]
    ) { $0.put("manifest-sha512.txt", $0.line("data/a.txt", as: "data//a.txt") + $0.line("data/b/c.txt")) },
    .init("a folder", .invalid, ["manifest-sha512.txt:3: error: 'data/b' is a folder; a manifest lists files only"]) {
      $0.append("manifest-sha512.txt", $0.line("data/a.txt", as: "data/b"))
    },
    .init(
      "a folder with its slash", .invalid,
      ["manifest-sha512.txt:3: error: the path 'data/b/' names a folder; a manifest lists files only"]
    ) { $0.append("manifest-sha512.txt", $0.line("data/a.txt", as: "data/b/")) },
    .init(
      "a tag file in a payload list", .invalid,
      ["manifest-sha512.txt:3: error: it lists 'bagit.txt', and a payload manifest lists only files below data/"]
    ) { $0.append("manifest-sha512.txt", $0.line("bagit.txt")) },
    .init("out by dots", .invalid, [unsafe("data/../../x", "leads out of its folder")]) {
      $0.append("manifest-sha512.txt", $0.line("data/a.txt", as: "data/../../x"))
    },
    .init("absolute", .invalid, [unsafe("/etc/passwd", "is absolute")]) {
      $0.append("manifest-sha512.txt", $0.line("data/a.txt", as: "/etc/passwd"))
    },
    .init("home", .invalid, [unsafe("~root/x", "begins with a home folder's shortcut")]) {
      $0.append("manifest-sha512.txt", $0.line("data/a.txt", as: "~root/x"))
    },
    .init("drive letter", .invalid, [unsafe("C:\\x", "begins with a drive letter")]) {
      $0.append("manifest-sha512.txt", $0.line("data/a.txt", as: "C:\\x"))
    },
    .init("UNC", .invalid, [unsafe("\\\\host\\x", "is absolute")]) {
      $0.append("manifest-sha512.txt", $0.line("data/a.txt", as: "\\\\host\\x"))
    },
    .init("out by backslashes", .invalid, [unsafe("data\\..\\..\\x", "leads out of its folder")]) {
      $0.append("manifest-sha512.txt", $0.line("data/a.txt", as: "data\\..\\..\\x"))
    },
    .init("a link", .invalid, ["data/link: error: it is a link or a device, which a bag may not hold"]) {
      $0.links["data/link"] = "/etc/passwd"
    },
    .init(
      "a link instead of a listed file", .invalid,
      [
        "data/a.txt: error: it is a link or a device, which a bag may not hold",
        "data/a.txt: error: it is listed, but not there",
      ]
    ) {
      $0.files["data/a.txt"] = nil
      $0.links["data/a.txt"] = "b/c.txt"
    },
    .init("a folder that is a link", .invalid, ["data/more: error: it is a link or a device, which a bag may not hold"])
    {
      $0.links["data/more"] = "/etc"
    },
  ]

  private static func unsafe(_ path: String, _ danger: String) -> String {
    "\(path): error: manifest-sha512.txt:3 lists this path, which \(danger)"
  }

  /// 2.2.1, 2.2.4
  static let tagManifests: [CorpusCase] = [
    .init("sealed", .valid, []) {
      $0.put("bag-info.txt", "Contact-Name: A\n")
      $0.put("notes/more.txt", "x")
      $0.seal()
    },
    .init("a tag file changed", .invalid, [changed("bag-info.txt", "tagmanifest-sha512.txt")]) {
      $0.put("bag-info.txt", "Contact-Name: A\n")
      $0.seal()
      $0.put("bag-info.txt", "Contact-Name: B\n")
    },
    .init(
      "a tag file missing", .incomplete, ["notes/more.txt: error: tagmanifest-sha512.txt lists it, but it is not there"]
    ) {
      $0.put("notes/more.txt", "x")
      $0.seal()
      $0.files["notes/more.txt"] = nil
    },
    .init(
      "a tag file not listed", .valid,
      ["notes/more.txt: warning: no tag manifest lists it, so a change in it would not be noticed"]
    ) {
      $0.seal()
      $0.put("notes/more.txt", "x")
    },
    .init(
      "payload list not listed", .invalid,
      [
        "manifest-sha512.txt: error: tagmanifest-sha512.txt does not list it, so a change in it would not be noticed there"
      ]
    ) { $0.seal(without: ["manifest-sha512.txt"]) },
    .init(
      "payload list not listed, earlier", .valid,
      [
        "manifest-sha512.txt: warning: tagmanifest-sha512.txt does not list it, so a change in it would not be noticed there"
      ], version: "0.97"
    ) { $0.seal(without: ["manifest-sha512.txt"]) },
    .init(
      "lists itself", .invalid,
      [
        changed("tagmanifest-sha512.txt", "tagmanifest-sha512.txt"),
        "tagmanifest-sha512.txt:3: error: it lists 'tagmanifest-sha512.txt', and a tag manifest may not list tag manifests",
      ]
    ) {
      $0.seal()
      $0.append("tagmanifest-sha512.txt", $0.line("bagit.txt", as: "tagmanifest-sha512.txt"))
    },
    .init("a tag folder's own tag manifest is a file like others", .valid, []) {
      $0.put("result/tagmanifest-sha512.txt", "x")
      $0.seal()
    },
    .init(
      "lists payload", .invalid,
      ["tagmanifest-sha512.txt:3: error: it lists 'data/a.txt', and a tag manifest may not list payload"]
    ) {
      $0.seal()
      $0.append("tagmanifest-sha512.txt", $0.line("data/a.txt"))
    },
    .init(
      "another algorithm than the payload's", .valid,
      ["manifest-sha512.txt: warning: there is no tag manifest with sha512 too"]
    ) { $0.seal("sha256") },
    .init(
      "leads out", .invalid, ["../x: error: tagmanifest-sha512.txt:3 lists this path, which leads out of its folder"]
    ) {
      $0.seal()
      $0.append("tagmanifest-sha512.txt", $0.line("bagit.txt", as: "../x"))
    },
  ]

  /// 2.2.2
  static let information: [CorpusCase] = [
    .init("continued lines, repeated labels", .valid, []) {
      $0.put("bag-info.txt", "Contact-Name: A\n  B\nContact-Name: C\nPayload-Oxum: 8.2\n")
    },
    .init("label in other letters", .valid, []) { $0.put("bag-info.txt", "PAYLOAD-OXUM: 8.2\n") },
    .init(
      "wrong sum", .invalid,
      ["bag-info.txt:1: error: Payload-Oxum says 3 files and 8 bytes, there are 2 files and 8 bytes"]
    ) { $0.put("bag-info.txt", "Payload-Oxum: 8.3\n") },
    .init(
      "wrong sum in package-info", .invalid,
      [
        "package-info.txt:1: error: Payload-Oxum says 3 files and 8 bytes, there are 2 files and 8 bytes"
      ], version: "0.95"
    ) { $0.put("package-info.txt", "Payload-Oxum: 8.3\n") },
    .init("a sum that is none", .invalid, ["bag-info.txt:1: error: Payload-Oxum '+8.2' is not '<bytes>.<files>'"]) {
      $0.put("bag-info.txt", "Payload-Oxum: +8.2\n")
    },
    .init("two sums", .invalid, ["bag-info.txt:2: error: Payload-Oxum must be there once only"]) {
      $0.put("bag-info.txt", "Payload-Oxum: 8.2\nPayload-Oxum: 8.2\n")
    },
    .init("no colon", .invalid, ["bag-info.txt:1: error: 'what' is not '<label>: <value>'"]) {
      $0.put("bag-info.txt", "what\n")
    },
    .init("no label", .invalid, ["bag-info.txt:1: error: there is no label before the colon"]) {
      $0.put("bag-info.txt", ": what\n")
    },
    .init("no blank after the colon", .invalid, ["bag-info.txt:1: error: there is no blank after the colon"]) {
      $0.put("bag-info.txt", "Contact-Name:A\n")
    },
    .init("blank before the colon", .invalid, ["bag-info.txt:1: error: there is a blank before the colon"]) {
      $0.put("bag-info.txt", "Contact-Name : A\n")
    },
    .init("blanks around the colon, earlier", .valid, [], version: "0.97") {
      $0.put("bag-info.txt", "Contact-Name  :A\nPayload-Oxum :   8.2\n")
    },
    .init("begins with a continued line", .invalid, ["bag-info.txt:1: error: it goes on from a line that is not there"])
    {
      $0.put("bag-info.txt", "  A\n")
    },
    .init("two dates", .valid, ["bag-info.txt:2: warning: Bagging-Date should be there once only"]) {
      $0.put("bag-info.txt", "Bagging-Date: 2026-01-01\nBagging-Date: 2026-01-02\n")
    },
    .init(
      "no date", .valid,
      [
        "bag-info.txt:1: warning: Bagging-Date '2026-02-30' is no date of the form YYYY-MM-DD"
      ]
    ) { $0.put("bag-info.txt", "Bagging-Date: 2026-02-30\n") },
    .init("no count", .valid, ["bag-info.txt:2: warning: Bag-Count '2/5' is not of the form 'N of T'"]) {
      $0.put(
        "bag-info.txt", "Bag-Count: 1 of ?\nbag-count: 2/5\n".replacing("Bag-Count: 1 of ?", with: "Bag-Size: 1 GB"))
    },
  ]

  /// 2.2.3
  static let fetch: [CorpusCase] = [
    .init("still to come", .incomplete, ["data/a.txt: error: it is still to be fetched (fetch.txt)"]) {
      $0.put("fetch.txt", "https://example.org/a 4 data/a.txt\n")
      $0.files["data/a.txt"] = nil
    },
    .init("there already", .valid, []) { $0.put("fetch.txt", "https://example.org/a\t-\tdata/a.txt\n") },
    .init(
      "there in another size", .valid, ["fetch.txt:1: warning: 'data/a.txt' is there with 4 bytes, not with 9"]
    ) { $0.put("fetch.txt", "https://example.org/a 9 data/a.txt\n") },
    .init("no length", .invalid, ["fetch.txt:1: error: it is not '<address> <length> <path>'"]) {
      $0.put("fetch.txt", "https://example.org/a data/a.txt\n")
    },
    .init("a length that is none", .invalid, ["fetch.txt:1: error: the length '-4' is neither a number nor '-'"]) {
      $0.put("fetch.txt", "https://example.org/a -4 data/a.txt\n")
    },
    .init("relative address", .invalid, ["fetch.txt:1: error: 'a.txt' is no absolute address"]) {
      $0.put("fetch.txt", "a.txt 4 data/a.txt\n")
    },
    .init(
      "a tag file", .invalid, ["fetch.txt:1: error: 'bagit.txt' is not below data/, and only payload is fetched"]
    ) { $0.put("fetch.txt", "https://example.org/a 4 bagit.txt\n") },
    .init("in no list", .invalid, ["fetch.txt:1: error: 'data/x' is in no manifest"]) {
      $0.put("fetch.txt", "https://example.org/a 4 data/x\n")
    },
    .init("twice", .valid, ["fetch.txt:2: warning: 'data/a.txt' is listed again"]) {
      $0.put("fetch.txt", "https://example.org/a 4 data/a.txt\nhttps://example.org/a 4 data/a.txt\n")
    },
    .init("leads out", .invalid, ["fetch.txt:1: error: the path '~/x' begins with a home folder's shortcut"]) {
      $0.put("fetch.txt", "https://example.org/a 4 ~/x\n")
    },
    .init("percent-encoded path", .incomplete, ["data/100%: error: it is still to be fetched (fetch.txt)"]) {
      $0.append("manifest-sha512.txt", $0.line("data/a.txt", as: "data/100%25"))
      $0.put("fetch.txt", "https://example.org/a%20b 4 data/100%25\n")
    },
  ]

  /// 6.1: what other systems make of names.
  static let names: [CorpusCase] = [
    .init(
      "letter case", .valid,
      [
        "data/a.txt: warning: it differs from 'data/A.txt' only in letter case or in its accents' form"
      ]
    ) { add("data/A.txt", &$0) },
    .init(
      "accents", .valid,
      [
        "data/\u{E9}: warning: it differs from 'data/e\u{301}' only in letter case or in its accents' form"
      ]
    ) {
      $0.put("data/e\u{301}", "x")
      $0.append("manifest-sha512.txt", $0.line("data/e\u{301}") + $0.line("data/e\u{301}", as: "data/\u{E9}"))
      // A dictionary's keys are equal when they look alike, so the twin is a file of its own.
      $0.twins["data/\u{E9}"] = Array("x".utf8)
    },
    .init("a system's file", .valid, ["data/.DS_Store: warning: it is an operating system's own file"]) {
      add("data/.DS_Store", &$0)
    },
    .init("trailing dot", .valid, ["data/x.: warning: its name ends with a dot, which Windows drops"]) {
      add("data/x.", &$0)
    },
    .init("trailing blank", .valid, ["data/x : warning: its name ends with a blank, which Windows drops"]) {
      add("data/x ", &$0)
    },
    .init("backslash", .valid, ["data/x\\y: warning: its name holds a backslash, which Windows takes for a folder"]) {
      add("data/x\\y", &$0)
    },
    .init("question mark", .valid, ["data/x?: warning: its name holds '?', which Windows refuses"]) {
      add("data/x?", &$0)
    },
    .init("a device", .valid, ["data/aux.txt: warning: its name is the name of a device on Windows"]) {
      add("data/aux.txt", &$0)
    },
    .init("empty folder", .valid, ["data/empty: warning: it is an empty folder, which no manifest can list"]) {
      $0.files["data/empty/"] = []
    },
  ]

  private static func add(_ name: String, _ bag: inout CorpusBag) {
    bag.put(name, "x")
    bag.append("manifest-sha512.txt", bag.line(name))
  }
}

internal import FerryCore
internal import FerryMarkup

/// `CHECK-ME.txt`: how to prove a package whole without any software of ours.
package enum CheckMe {
  package static func text(label: String, version: Int) -> String {
    """
    HOW TO CHECK THIS PACKAGE (\(label), version \(version))

    Open a terminal in the folder that holds this file. Each command says nothing, or "OK", when all is well,
    and names every file that is damaged or missing.

    1. Every lesson file, by SHA-512 (Linux; on a Mac: shasum -a 512 -c manifest-sha512.txt)

           sha512sum -c --quiet manifest-sha512.txt

    2. The lists themselves

           sha512sum -c --quiet tagmanifest-sha512.txt

    3. The same by SHA-256, where that is preferred

           sha256sum -c --quiet manifest-sha256.txt
           sha256sum -c --quiet tagmanifest-sha256.txt

    4. The whole as a BagIt package (pip install bagit)

           bagit.py --validate .

    5. Who sent it: the file \(label)_v\(version).ticket.json beside this folder is signed. "allowed_signers" holds a
       line with the sender's name and key, which you had from them by another way. The ticket's "package_digest" is
       what the second command prints.

           ssh-keygen -Y verify -f allowed_signers -I NAME -n ferry-delivery \\
             -s ../\(label)_v\(version).ticket.json.sig < ../\(label)_v\(version).ticket.json
           sha512sum tagmanifest-sha512.txt

    The videos are below data/lessons and play in any player; data/ro-crate-preview.html
    shows them in a browser, and data/catalogue.csv lists them for a spreadsheet.
    ferry-delivery.json says for every file what it is, how long it lasts and what made it.

    """
  }

  /// The same for a supplement, which is put together with the version before it by copying.
  ///
  /// `tail` must not speak: where a scheduler ignores SIGPIPE it calls `head`'s end an error. A missing part is named
  /// by the shell.
  package static func supplement(label: String, version: Int, base: Int, hasDeltas: Bool = false) -> String {
    let made = "../\(label)_v\(version)_full"
    let deltas = """

         Of the files below delta/ only a part is new; these lines put them together (sh, as on Linux and Mac):

             find delta -name '*.list' | while read -r list; do
               file=${list#delta/}; file=${file%.list}
               while read -r from start count; do
                 case $from in base) part=../\(label)_v\(base)/$file ;; new) part=delta/$file.new ;; esac
                 tail -c +$((start + 1)) < "$part" 2> /dev/null | head -c "$count"
               done < "$list" > "\(made)/$file"
             done

      """
    return """
      HOW TO CHECK AND USE THIS SUPPLEMENT (\(label), version \(version))

      It holds only the files that changed since version \(base). Open a terminal in the folder that holds this file.

      1. Check what is here (each command says nothing when all is well)

             sha512sum -c --quiet manifest-sha512.txt
             sha512sum -c --quiet tagmanifest-sha512.txt

      2. Make version \(version) beside version \(base); \(label)_v\(base) stays as it is

             mkdir \(made)
             cp -r ../\(label)_v\(base)/data \(made)/
             cp -r data \(made)/
             cp -r result/. \(made)/
      \(hasDeltas ? deltas : "")
         and remove from it the files that ferry-delivery.json names under "removed", if there are any.

      3. Check the result, in the folder \(label)_v\(version)_full

             sha512sum -c --quiet manifest-sha512.txt
             bagit.py --validate .

      """
  }

  /// `LICENSE.txt` for the payload: the delivery's licence, each lesson's that has another, and whom to name.
  package static func licence(_ manifest: DeliveryManifest) -> String {
    var lines = [
      "The lessons in this package are delivered by \(PlainText.line(manifest.sender.name)) under the licence "
        + "\(manifest.licence):",
      licenceAddress(manifest.licence),
    ]
    let others = manifest.lessons.filter { $0.licence != manifest.licence || $0.credit != nil }
    if !others.isEmpty { lines += ["", "These lessons have a licence of their own, or want somebody named:", ""] }
    for lesson in others {
      let credit = lesson.credit.map { ", \(PlainText.line($0))" } ?? ""
      lines.append("\(lesson.id): \(lesson.licence)\(credit) (\(licenceAddress(lesson.licence)))")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// Where a licence, named as SPDX does, can be read.
  static func licenceAddress(_ identifier: String) -> String {
    let name = identifier.uppercased()
    let isCreativeCommons = name.hasPrefix("CC-BY") || name.hasPrefix("CC0")
    return isCreativeCommons ? address(name) : "https://spdx.org/licenses/\(identifier).html"
  }

  /// `CC-BY-SA-4.0` is at `…/by-sa/4.0/`, `CC0-1.0` at `…/publicdomain/zero/1.0/`.
  private static func address(_ identifier: String) -> String {
    let parts = identifier.split(separator: "-")
    guard let version = parts.last, parts.count > 1 else { return "https://creativecommons.org/licenses/" }
    if parts[0] == "CC0" { return "https://creativecommons.org/publicdomain/zero/\(version)/" }
    let terms = parts.dropFirst().dropLast().map { $0.lowercased() }.joined(separator: "-")
    return "https://creativecommons.org/licenses/\(terms)/\(version)/"
  }
}

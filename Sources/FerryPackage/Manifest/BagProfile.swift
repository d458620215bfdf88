internal import Foundation

/// The contract of ferry's packages as a BagIt profile (bagit-profiles 1.3.0), which other tools can check bags against.
package enum BagProfile {
  /// The value of `BagIt-Profile-Identifier`: a name and no address, so that nobody is led to a page that is not there.
  package static let identifier = DeliveryManifest.urn("profile", fileName)
  package static let fileName = "ferry-delivery-1.json"

  /// The profile's document, `profiles/ferry-delivery-1.json`.
  package static func document() throws -> [UInt8] {
    func tag(_ isRequired: Bool, repeatable: Bool, _ description: String) -> [String: Any] {
      ["required": isRequired, "repeatable": repeatable, "description": description]
    }
    let document: [String: Any] = [
      "BagIt-Profile-Info": [
        "BagIt-Profile-Identifier": identifier, "BagIt-Profile-Version": "1.3.0", "Version": "1",
        "Source-Organization": "ferry", "Contact-Name": "The maintainers of ferry",
        "External-Description": "Video lessons with subtitles, delivered to a partner; full packages and supplements.",
      ],
      "Bag-Info": [
        "Source-Organization": tag(true, repeatable: false, "Who sends the lessons."),
        "Contact-Name": tag(true, repeatable: false, "Whom to ask about the package."),
        "Contact-Email": tag(true, repeatable: false, "Where answers go."),
        "External-Identifier": tag(true, repeatable: false, "A URN, the same in every version of the delivery."),
        "External-Description": tag(true, repeatable: false, "What it is, in a sentence."),
        "Internal-Sender-Identifier": tag(true, repeatable: false, "Label and version."),
        "Bagging-Date": tag(true, repeatable: false, "Day of the delivery."),
        "Bag-Software-Agent": tag(true, repeatable: false, "What made it."),
        "Payload-Oxum": tag(true, repeatable: false, "Bytes and number of the payload's files."),
        "BagIt-Profile-Identifier": tag(true, repeatable: true, "This profile."),
      ],
      "Manifests-Required": ["sha256", "sha512"], "Manifests-Allowed": ["sha256", "sha512"],
      "Tag-Manifests-Required": ["sha256", "sha512"], "Tag-Manifests-Allowed": ["sha256", "sha512"],
      "Tag-Files-Required": ["ferry-delivery.json", "CHECK-ME.txt"], "Allow-Fetch.txt": false,
      "Serialization": "forbidden", "Accept-Serialization": [String](), "Accept-BagIt-Version": ["1.0"],
    ]
    return Array(
      try JSONSerialization.data(
        withJSONObject: document, options: [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]))
      + [0x0A]
  }
}

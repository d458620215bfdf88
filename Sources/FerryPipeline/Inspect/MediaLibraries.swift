internal import FerryMedia

/// The FFmpeg libraries of this machine, for whoever may not open media.
package enum MediaLibraries {
  /// Each with its version, the encoders' own ones too.
  package static var versions: [String] { Libraries.versions }

  /// FFmpeg's release, such as `5.1.6`.
  package static var release: String { Libraries.release }

  package static func hasEncoder(_ name: String) -> Bool { Libraries.hasEncoder(name) }
  package static func hasDecoder(_ name: String) -> Bool { Libraries.hasDecoder(name) }

  /// Notes in an open file what this process is doing, so that whoever started it can say what ended it.
  package static func keepTrail(in descriptor: Int32) { Trail.keep(in: descriptor) }
}

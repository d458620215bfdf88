/// What is wrong with a file of a package, where anything is decided by it; scripts and people get the diagnostic's code.
package enum FileFault: Hashable, Sendable {
  /// It is listed, and not there.
  case missing
  /// The declaration or every list is missing, so that nothing is known of the rest.
  case missingList
  /// Nothing of the package is there.
  case missingPackage
  /// It is not what it was when it was listed, or not what its kind of file must be.
  case mismatched
  /// It is there, and no list has it.
  case unexpected
  /// A link or a device stands in its place.
  case special
  /// Its name leads elsewhere, or is not text.
  case unsafeName
  /// It cannot be read here, whatever it holds.
  case unreadable
  /// It is larger than it can be, so it was not read.
  case tooLarge
  /// The folder of the payload holds nothing.
  case empty
}

package import FerryCore
internal import FerryFiles
internal import FerryMedia
internal import Foundation

extension TitleWork {
  /// A failure of a title's work in words: what a person can act on, with the file and the reason.
  package static func diagnose(_ error: any Error, _ order: WorkOrder) -> [Diagnostic] {
    let place = Place(order.source)
    switch error {
    case let error as Diagnostics: return error.all
    case let error as MediaError:
      let source = FileReference(written: order.source, path: order.source, place: place)
      return [SourceProblems.diagnostic(for: error, source)]
    case _ where error.isNoSpace: return [.noSpace(at: place, "the disk is full: \(error)")]
    default:
      return [
        Diagnostic("work.failed", at: place, "\(error)", hint: "run again; if it stays, report it with this line")
      ]
    }
  }
}

extension Error {
  /// Whether a write failed because the disk or the quota is full.
  package var isNoSpace: Bool {
    switch self {
    case let error as CocoaError: error.isNoSpace
    case let error as POSIXError: error.code == .ENOSPC || error.code == .EDQUOT
    case let error as Publish.Failure: error.isNoSpace
    default: false
    }
  }
}

extension Publish.Failure {
  fileprivate var isNoSpace: Bool {
    if case .failed(_, _, let code) = self { return code == ENOSPC || code == EDQUOT }
    return false
  }
}

extension CocoaError {
  /// Whether a write failed because the disk or the quota is full.
  fileprivate var isNoSpace: Bool {
    if code == .fileWriteOutOfSpace { return true }
    guard let cause = userInfo[NSUnderlyingErrorKey] as? NSError, cause.domain == NSPOSIXErrorDomain else {
      return false
    }
    return cause.code == Int(ENOSPC) || cause.code == Int(EDQUOT)
  }
}

import FerryCore

enum FieldOrder { case topFirst, bottomFirst }
struct ScanMeasure {
  var order: FieldOrder?
  static func of(_ path: String, stream: Int, limits: OpenLimits) throws(MediaError) -> ScanMeasure {
    ScanMeasure(order: .topFirst)
  }
}

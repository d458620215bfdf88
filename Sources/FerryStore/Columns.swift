internal import FerryCore
internal import GRDB

// How values of ferry's own stand in a column.

extension Timestamp: DatabaseValueConvertible {
  var databaseValue: DatabaseValue { milliseconds.databaseValue }
  static func fromDatabaseValue(_ value: DatabaseValue) -> Timestamp? {
    Int.fromDatabaseValue(value).map(Timestamp.init(milliseconds:))
  }
}

extension LeaseToken: DatabaseValueConvertible {
  var databaseValue: DatabaseValue { text.databaseValue }
  static func fromDatabaseValue(_ value: DatabaseValue) -> LeaseToken? {
    String.fromDatabaseValue(value).flatMap(LeaseToken.init)
  }
}

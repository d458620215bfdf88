extension Sequence<Int> {
  /// The sum, or the largest number where it is larger: the sizes of sparse files may say anything.
  package var saturatedSum: Int {
    reduce(0) { sum, next in
      let (exact, isTooLarge) = sum.addingReportingOverflow(next)
      return isTooLarge ? .max : exact
    }
  }
}

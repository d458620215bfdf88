package import FerryCore

/// The JSON Schema of job files, for editors.
package struct ShowJobSchema: Operation {
  package init() {}

  package func perform(in office: Office) async throws(Refusal) -> Reply<String> { Reply(JobSchema.text) }
}

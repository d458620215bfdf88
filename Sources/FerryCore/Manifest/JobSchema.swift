/// The JSON Schema of job files (draft 2020-12), for editors; written from the tables that the reader reads by.
package enum JobSchema {
  package static let text: String =
    JSON.object([
      ("$schema", .string("https://json-schema.org/draft/2020-12/schema")),
      ("title", .string("A ferry job: one delivery to one partner")),
      ("type", .string("object")), ("additionalProperties", .bool(false)),
      ("required", required(JobKeys.job)),
      (
        "properties",
        .object([
          (
            "ferry",
            .object([
              ("enum", .array([.number(1), .string("1")])), ("description", .string("The version of this format.")),
            ])
          ),
          ("delivery", described("The label of the delivery; it names the package.", identifier)),
          ("partner", mapping("Who receives the delivery.", JobKeys.partner) { $0 == "id" ? identifier : words }),
          ("sender", mapping("Who sends it.", JobKeys.sender) { _ in words }),
          (
            "profile",
            .object([
              (
                "oneOf",
                .array([
                  .object([("enum", .array(Profile.builtIn.keys.sorted().map { .string($0) }))]),
                  pattern("(/|\\.ya?ml$|\\.json$)"),
                ])
              ), ("description", .string("What to make of each source: a built-in profile, or a file of one's own.")),
            ])
          ),
          (
            "language",
            mapping("The language filmed in, and those to deliver.", JobKeys.language) { name in
              name == "source" ? tag : .object([("type", .string("array")), ("items", tag), ("minItems", .number(1))])
            }
          ),
          ("licence", described("An SPDX licence identifier, such as CC-BY-4.0.", words)),
          (
            "text-rules",
            byLanguage(
              "What tracks are held against, by language, where it is not the default.",
              .object([("enum", .array(TextProfile.all.map { .string($0.name) }))]))
          ),
          ("glossary", described("Terms and their translations, a CSV file relative to the job file.", words)),
          ("waive", waivers),
          ("titles", .object([("type", .string("array")), ("minItems", .number(1)), ("items", title)])),
        ])
      ),
    ]).text(indentation: 0) + "\n"

  private static let title = mapping("One video.", JobKeys.title) { name in
    switch name {
    case "id":
      described("Unique in the job, also when letter case is ignored; it names the lesson's folder.", identifier)
    case "field": pattern(JobKeys.fieldPattern)
    case "name": byLanguage("The title in the source language and in each delivered one.", words)
    case "source": described("The video file, relative to the job file.", words)
    case "licence": described("Where it is not the job's: an SPDX licence identifier.", words)
    case "waive": waivers
    case "tolerate":
      .object([
        ("description", .string("Faults of the source that are taken as they are.")),
        (
          "oneOf",
          .array([tolerance, .object([("type", .string("array")), ("items", tolerance), ("minItems", .number(1))])])
        ),
      ])
    case "credit": described("Whom the licence wants named.", words)
    default:
      byLanguage(
        "Subtitle files by language.",
        .object([
          (
            "oneOf",
            .array([
              words,
              either(
                "file", "stream",
                mapping("A file with details, or a stream of the source.", JobKeys.subtitle) { name in
                  switch name {
                  case "encoding":
                    .object([
                      ("enum", .array(JobKeys.encodings.flatMap { [.string($0.name), .string($0.name.uppercased())] }))
                    ])
                  case "due": pattern(JobKeys.dayPattern)
                  case "stream": .object([("type", .string("number"))])
                  default: words
                  }
                }),
            ])
          )
        ]))
    }
  }

  /// Ferry takes what is written as text, also where YAML sees a number or a yes.
  private static let scalar = JSON.array([.string("string"), .string("number"), .string("boolean")])
  private static let words = JSON.object([("type", scalar), ("minLength", .number(1))])
  private static let tag = pattern(JobKeys.tagPattern)
  private static let identifier = JSON.object([
    ("type", scalar), ("pattern", .string(JobKeys.identifierPattern)),
    ("maxLength", .number(JobKeys.identifierLimit)),
  ])

  private static let waivers = JSON.object([
    ("type", .string("array")), ("minItems", .number(1)),
    (
      "items",
      mapping("A rule of timed text whose findings are taken as they are, and why.", JobKeys.waiver) { name in
        name == "rule" ? .object([("enum", .array(TextRule.all.filter(\.isWaivable).map { .string($0.id) }))]) : words
      }
    ),
  ])

  private static let tolerance = JSON.object([
    ("enum", .array(Tolerance.allCases.map { .string($0.rawValue) }))
  ])

  private static func pattern(_ pattern: String) -> JSON {
    .object([("type", .string("string")), ("pattern", .string(pattern))])
  }

  private static func described(_ description: String, _ schema: JSON) -> JSON {
    guard case .object(let members) = schema else { return schema }
    return .object(members + [("description", .string(description))])
  }

  private static func byLanguage(_ description: String, _ value: JSON) -> JSON {
    .object([
      ("type", .string("object")), ("description", .string(description)),
      ("propertyNames", .object([("pattern", .string(JobKeys.tagPattern))])), ("additionalProperties", value),
    ])
  }

  private static func mapping(_ description: String, _ keys: [JobKeys.Key], _ schema: (String) -> JSON) -> JSON {
    .object([
      ("type", .string("object")), ("description", .string(description)), ("additionalProperties", .bool(false)),
      ("required", required(keys)), ("properties", .object(keys.map { ($0.name, schema($0.name)) })),
    ])
  }

  /// An object that has one of two members.
  private static func either(_ a: String, _ b: String, _ schema: JSON) -> JSON {
    guard case .object(let members) = schema else { return schema }
    let alternatives = [a, b].map { JSON.object([("type", .string("object")), ("required", .array([.string($0)]))]) }
    return .object(members + [("oneOf", .array(alternatives))])
  }

  private static func required(_ keys: [JobKeys.Key]) -> JSON {
    .array(keys.filter(\.isRequired).map { .string($0.name) })
  }

  /// JSON that keeps its members in order.
  private indirect enum JSON {
    case string(String)
    case number(Int)
    case bool(Bool)
    case array([JSON])
    case object([(String, JSON)])

    func text(indentation: Int) -> String {
      let inner = String(repeating: "  ", count: indentation + 1)
      let outer = String(repeating: "  ", count: indentation)
      switch self {
      case .string(let text): return quoted(text)
      case .number(let number): return String(number)
      case .bool(let value): return value ? "true" : "false"
      case .array(let items):
        return "[" + items.map { $0.text(indentation: indentation) }.joined(separator: ", ") + "]"
      case .object(let members):
        let lines = members.map { inner + quoted($0) + ": " + $1.text(indentation: indentation + 1) }
        return "{\n" + lines.joined(separator: ",\n") + "\n" + outer + "}"
      }
    }

    private func quoted(_ text: String) -> String {
      "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }
  }
}

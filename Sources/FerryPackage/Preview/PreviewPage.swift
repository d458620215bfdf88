internal import Mustache

/// What the template of the page shows.
struct PreviewPage {
  struct Field {
    let name: String
    let count: String
    let cards: [Card]
  }

  struct Card {
    let anchor: String
    let poster: String?
    let length: String
    let name: String
    let tags: String
    let findings: String?
  }

  /// What the job has and this package lacks: nothing is left out silently.
  struct Missing {
    let name: String
    let id: String
    let reason: String

    init(_ missing: DeliveryManifest.Missing) {
      name = PreviewWords.name(missing).html
      id = HTML.words(missing.id)
      reason = PreviewWords.reason(missing)
    }
  }

  let say = PreviewTemplates.say
  let aria = PreviewTemplates.aria

  let policy: String
  let style: String
  let script: String
  let data: String

  let title: String
  let label: String
  let version: String
  let headline: String
  let sender: String
  let created: String
  let facts: [PreviewFact]
  let isIncomplete: Bool
  let missing: [Missing]
  let fields: [Field]
  let identity: [PreviewFact]
  let digests: [PreviewPaper]
  let lessons: [PreviewLesson]
  let tool: String
  let packageId: String
}

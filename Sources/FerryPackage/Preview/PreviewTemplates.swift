internal import Mustache

/// The templates in `Assets`: `{{…}}` is text, `{{{…}}}` is markup that `HTML` or `Phrase` made.
///
/// A name with a point before it is looked for in the innermost value alone; the others, in those around it too.
enum PreviewTemplates {
  /// Text of the page. The library's own escaping overlooks a mark with an accent behind it, and lets controls through.
  private struct PageText: MustacheContentType {
    func escapeText(_ text: String) -> String { HTML.escaped(text) }
  }

  private static let library: MustacheLibrary = {
    // Each template names it in its first line, and one that names what nobody registered is refused.
    MustacheContentTypes.register(PageText(), named: "PREVIEW")
    do {
      return try MustacheLibrary(templates: [
        "page": MustacheTemplate(string: PreviewAssets.page), "lesson": MustacheTemplate(string: PreviewAssets.lesson),
        "paper": MustacheTemplate(string: PreviewAssets.paper),
        "controls": MustacheTemplate(string: PreviewAssets.controls),
      ])
    } catch { preconditionFailure("a template of the preview cannot be read: \(error)") }
  }()

  static func render(_ page: PreviewPage) -> String {
    guard let text = library.render(page, withTemplate: "page") else { preconditionFailure("there is no page") }
    return text
  }

  /// `{{#say}}English|中文{{/say}}`: words of the page itself.
  ///
  /// Inside `{{^list}}` it would say nothing, since it speaks once for each member of the value around it: ask a Bool.
  static var say: MustacheLambda { MustacheLambda { phrase($0).html } }

  /// `{{#aria}}English|中文{{/aria}}`: the name of an element whose content does not say it.
  static var aria: MustacheLambda { MustacheLambda { phrase($0).label } }

  private static func phrase(_ words: String) -> Phrase {
    let parts = words.split(separator: "|", maxSplits: 1).map(String.init)
    return Phrase(parts[0], parts[parts.count - 1])
  }
}

/// A name and what is said under it, in markup.
struct PreviewFact {
  let name: String
  let value: String

  init(_ name: Phrase, _ value: String) { (self.name, self.value) = (name.html, value) }
}

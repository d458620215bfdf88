import FerryCore
import Testing

struct LanguageTagTests {
  @Test(arguments: [
    ("en", "en"), ("EN", "en"), ("zh-hans", "zh-Hans"), ("ZH-HANT-tw", "zh-Hant-TW"), ("pt-br", "pt-BR"),
    ("es-419", "es-419"), ("sl-rozaj", "sl-rozaj"), ("de-1996", "de-1996"), ("en-x-ouc", "en-x-ouc"), ("yue", "yue"),
  ])
  func writesTagsInTheirCanonicalCase(_ written: String, _ canonical: String) {
    #expect(LanguageTag(written)?.text == canonical)
  }

  @Test(arguments: ["", "e", "english", "en_US", "zh-", "-en", "12", "en--US", "zh-中文", "en-x", "en-a", "toolonglang"])
  func refusesWhatIsNoTag(_ written: String) { #expect(LanguageTag(written) == nil) }

  @Test(arguments: [
    ("eng", "en"), ("zho", "zh"), ("chi-Hans", "zh-Hans"), ("ger-AT", "de-AT"), ("cn", "zh-Hans"), ("jp", "ja"),
  ])
  func knowsTheRegisteredTag(_ written: String, _ registered: String) {
    #expect(LanguageTag(written)?.registered?.text == registered)
  }

  @Test(arguments: ["en", "zh-Hans", "pt-BR", "yue", "kr", "tlh"]) func leavesRegisteredTagsAlone(_ tag: String) throws
  {
    #expect(try #require(LanguageTag(tag)).registered == nil)
  }

  @Test func knowsWhatContainersAndMenusWant() throws {
    let chinese = try #require(LanguageTag("zh-Hans"))
    #expect(chinese.terminologyCode == "zho")
    #expect(chinese.bibliographicCode == "chi")
    #expect(chinese.endonym == "简体中文")
    #expect(chinese.script == "Hans")
    #expect(chinese.spoken.text == "zh")
    #expect(LanguageTag("en-GB")?.endonym == "English")
    #expect(LanguageTag("yue")?.terminologyCode == "yue")
    #expect(LanguageTag("tlh")?.endonym == "tlh")
  }
}

/// A job's word that a rule's findings in one title are known and taken as they are.
package struct Waiver: Hashable, Sendable, Codable {
  package var rule: String
  package var reason: String
  /// Where the job says so.
  package var place: Place

  package init(rule: String, reason: String, place: Place) {
    self.rule = rule
    self.reason = reason
    self.place = place
  }
}

/// A title's findings after its waivers.
package struct WaivedFindings: Hashable, Sendable {
  /// What no waiver names, in the order it was found.
  package var held: [TextFinding]
  package var waived: [TextFinding]
  /// What is wrong with the waivers themselves.
  package var problems: [Diagnostic]
}

extension [TextFinding] {
  /// Splits the findings of one title, all of its tracks together: a waiver that finds nothing to waive is told.
  ///
  /// Whether a waiver serves a rule that needs the sound is known only when it `isHeard`.
  package func waived(by waivers: [Waiver], isHeard: Bool = false) -> WaivedFindings {
    var problems: [Diagnostic] = []
    var accepted: [String: Waiver] = [:]
    for waiver in waivers {
      if let problem = waiver.problem {
        problems.append(problem)
      } else if let first = accepted[waiver.rule] {
        problems.append(waiver.duplicate(of: first))
      } else {
        accepted[waiver.rule] = waiver
      }
    }
    // What could not be judged is told all the same: there is nothing to waive.
    func isWaived(_ finding: TextFinding) -> Bool {
      accepted[finding.rule] != nil && !(finding.severity == .info && TextRule.needsSound(finding.rule))
    }
    let waived = filter(isWaived)
    let met = Set(waived.map(\.rule))
    for waiver in waivers
    where accepted[waiver.rule] == waiver && !met.contains(waiver.rule)
      && (isHeard || !TextRule.needsSound(waiver.rule))
    {
      problems.append(waiver.unused)
    }
    return WaivedFindings(held: filter { !isWaived($0) }, waived: waived, problems: problems)
  }
}

extension Waiver {
  /// The warning that there was nothing to waive.
  package var unused: Diagnostic {
    Diagnostic(
      .warning, "waiver.unused", at: place, "nothing breaks '\(rule)': the waiver has no effect",
      hint: "remove it, so that it does not hide what comes later")
  }

  /// The error of waiving what `first` waives already.
  package func duplicate(of first: Waiver) -> Diagnostic {
    Diagnostic(
      "waiver.duplicate", at: place, "'\(rule)' is waived twice",
      hint: "it is waived already at \(first.place); remove one of them")
  }

  /// What makes this waiver itself an error.
  package var problem: Diagnostic? {
    guard let known = TextRule.named(rule) else {
      let near = suggestion(for: rule, among: TextRule.all.map(\.id))
      return Diagnostic(
        "waiver.unknown", at: place, "there is no rule '\(rule)'",
        hint: near.map { "did you mean '\($0)'?" } ?? "waive a rule by the name that `ferry check` prints")
    }
    guard known.isWaivable else {
      return Diagnostic(
        "waiver.refused", at: place, "'\(rule)' cannot be waived",
        hint: "the file is damaged or was not read whole: it must be mended")
    }
    guard reason.contains(where: { !$0.isWhitespace }) else {
      return Diagnostic(
        "waiver.reason", at: place, "the waiver of '\(rule)' gives no reason",
        hint: "say why the partner can take it as it is")
    }
    return nil
  }
}

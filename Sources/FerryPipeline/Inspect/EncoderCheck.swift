package import FerryCore
internal import FerryMedia

/// Whether the FFmpeg of this machine can make what a job's profile asks for.
package enum EncoderCheck {
  /// One error for each encoder that is missing; `has` answers by FFmpeg's names.
  package static func problems(of job: Job, has: (String) -> Bool = Libraries.hasEncoder) -> [Diagnostic] {
    let pictures = (job.profile.video?.codecs ?? []).map { ($0.encoder, $0.rawValue) }
    let opus = job.profile.video?.codecs.contains(.vp9) ?? false ? [AudioCodec.opus] : []
    let sounds = ([job.profile.audio.codec] + opus).map { ($0.encoder, $0.rawValue) }
    return (pictures + sounds).filter { !has($0.0) }.map { encoder, codec in
      Diagnostic(
        "profile.encoder", at: Place(job.file),
        "the profile '\(job.profile.name)' makes \(codec), but the FFmpeg here has no encoder \(encoder)",
        hint:
          "install FFmpeg's libraries with it (apt-get install libavcodec-extra), or leave \(codec) out of the profile; `ferry doctor` lists what is there"
      )
    }
  }
}

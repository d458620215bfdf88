internal import CFFmpeg

/// A chain of FFmpeg's filters; built by its API, never from a string.
struct FilterGraph: ~Copyable {
  private let graph: UnsafeMutablePointer<AVFilterGraph>
  private let source: UnsafeMutablePointer<AVFilterContext>
  private let sink: UnsafeMutablePointer<AVFilterContext>

  /// One filter's name and its options.
  struct Step {
    var filter: String
    var options: [(String, String)]

    init(_ filter: String, _ options: [(String, String)] = []) {
      self.filter = filter
      self.options = options
    }
  }

  /// Opens a chain for pictures like `frame`.
  static func open(
    _ steps: [Step], like frame: borrowing Frame, timeBase: AVRational
  ) throws(MediaError) -> FilterGraph {
    _ = LibraryLog.install
    var graph: UnsafeMutablePointer<AVFilterGraph>? = try unwrap(avfilter_graph_alloc(), .filter, "a filter graph")
    do throws(MediaError) {
      guard let made = graph else { throw MediaError(.filter, "a filter graph", code: ferry_ENOMEM) }
      // One thread: the lanes around it already keep the cores busy.
      made.pointee.nb_threads = 1
      let source = try add("buffer", "in", to: made)
      var parameters = av_buffersrc_parameters_alloc()
      guard let set = parameters else { throw MediaError(.filter, "a filter graph", code: ferry_ENOMEM) }
      set.pointee.format = frame.raw.pointee.format
      set.pointee.width = frame.raw.pointee.width
      set.pointee.height = frame.raw.pointee.height
      set.pointee.time_base = timeBase
      set.pointee.sample_aspect_ratio = frame.raw.pointee.sample_aspect_ratio
      ferry_set_colours(set, frame.raw)
      let result = av_buffersrc_parameters_set(source, set)
      av_freep(&parameters)
      try check(result, .filter, "a filter graph")
      try check(avfilter_init_str(source, nil), .filter, "buffer")
      var last = source
      for (index, step) in steps.enumerated() {
        let filter = try add(step.filter, "step\(index)", to: made)
        var options: OpaquePointer?
        for (key, value) in step.options { av_dict_set(&options, key, value, 0) }
        let result = avfilter_init_dict(filter, &options)
        av_dict_free(&options)
        try check(result, .filter, step.filter)
        try check(avfilter_link(last, 0, filter, 0), .filter, step.filter)
        last = filter
      }
      let sink = try add("buffersink", "out", to: made)
      try check(avfilter_init_str(sink, nil), .filter, "buffersink")
      try check(avfilter_link(last, 0, sink, 0), .filter, "buffersink")
      try check(avfilter_graph_config(made, nil), .filter, "a filter graph")
      return FilterGraph(graph: made, source: source, sink: sink)
    } catch {
      avfilter_graph_free(&graph)
      throw error
    }
  }

  private static func add(
    _ filter: String, _ name: String, to graph: UnsafeMutablePointer<AVFilterGraph>
  ) throws(MediaError) -> UnsafeMutablePointer<AVFilterContext> {
    guard let found = avfilter_get_by_name(filter) else {
      throw MediaError(
        .filter, filter, code: ferry_INVALIDDATA, detail: "this build of FFmpeg has no filter called \(filter)")
    }
    return try unwrap(avfilter_graph_alloc_filter(graph, found, name), .filter, filter)
  }

  /// The unit of the pictures that come out.
  var timeBase: AVRational { av_buffersink_get_time_base(sink) }

  /// Takes a picture's reference, leaving `frame` empty.
  func send(_ frame: borrowing Frame) throws(MediaError) {
    try check(av_buffersrc_add_frame(source, frame.raw), .filter, "a picture")
  }

  func sendEnd() throws(MediaError) {
    try check(av_buffersrc_add_frame(source, nil), .filter, "a picture")
  }

  func receive(into frame: borrowing Frame) throws(MediaError) -> Pull {
    frame.clear()
    switch av_buffersink_get_frame(sink, frame.raw) {
    case ferry_EAGAIN: return .needsInput
    case ferry_EOF: return .ended
    case let code:
      try check(code, .filter, "a picture")
      return .ready
    }
  }

  deinit {
    var graph: UnsafeMutablePointer<AVFilterGraph>? = graph
    avfilter_graph_free(&graph)
  }
}

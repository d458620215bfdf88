import FerryCore
import Testing

@Suite struct WorkerCountTests {
  @Test(arguments: [(2, 1, 2), (2, 2, 1), (16, 4, 4), (6, 4, 1), (1, 8, 1), (8, 0, 8), (0, 1, 1)])
  func sharesTheCores(cores: Int, encoderThreads: Int, workers: Int) {
    #expect(WorkerCount.standard(cores: cores, encoderThreads: encoderThreads) == workers)
  }
}

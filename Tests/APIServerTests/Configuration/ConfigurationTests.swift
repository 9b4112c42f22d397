import Testing
import Yams
@testable import APIServer
@Test func probe() throws {
  let n = try Yams.compose(yaml: "a: 1\na: 2\n")
  print(n as Any)
}
@Test func probe2() throws {
  for y in ["a: &x 1\nb: *x", "", "# c", "a: ~", "a: 1e3", "---\na: 1\n---\nb: 2", "a: [1, \"2\"]", "<<: {a: 1}", "? [a]\n: 1", "a: 0x10", "a: 1_000", "a: 'x\n", "a: *b", "a: !!str 5"] {
    do { let n = try Yams.compose(yaml: y); print(y.debugDescription, n as Any, n?.mark as Any, n?.mapping?.map { ($0.key.tag.description, $0.value.tag.description, $0.value.mark as Any) } as Any) } catch { print(y.debugDescription, "ERR", error, type(of: error)) }
  }
}

import Audit
import Testing

struct GridFactorTests {
    @Test(arguments: [
        ("WORLD", "458.29"), ("USA", "384.40"), ("DEU", "329.65"), ("FRA", "41.44"), ("SWE", "35.26"),
        ("NOR", "28.11"), ("CHN", "525.34"), ("SGP", "497.09"),
    ])
    func `the method's own table comes first`(zone: String, grams: String) throws {
        let factor = try #require(GridFactor(zone: zone))
        #expect(factor.zone == zone)
        #expect(factor.gramsPerKilowattHour == grams)
        #expect(factor.source == "ecologits-electricity-mixes@0.11.3")
    }

    @Test(arguments: [("JPN", "485.39"), ("GBR", "237.59"), ("IND", "713.44")])
    func `the other table fills in`(zone: String, grams: String) throws {
        let factor = try #require(GridFactor(zone: zone))
        #expect(factor.gramsPerKilowattHour == grams)
        #expect(factor.source == "codecarbon-owid-2023")
    }

    @Test(arguments: ["", "world", "WOR", "US", "XXX", "USA "]) func `a zone without a factor is refused`(zone: String)
    {
        #expect(GridFactor(zone: zone) == nil)
        #expect(!GridFactor.zones.contains(zone))
    }

    @Test func `every zone stands in the table once`() {
        #expect(Set(GridFactor.zones).count == 11)
        #expect(GridFactor.zones.count == 11)
    }
}

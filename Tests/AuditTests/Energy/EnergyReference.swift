/// What EcoLogits 0.11.3 (https://pypi.org/project/ecologits/0.11.3/) computes: `compute_llm_impacts` with a
/// `datacenter_pue` of 1.09 for `low`, 1.2 for `middle` and, without a latency, 2.4 for `high`.
struct EnergyReference: Sendable {
    let total: Double
    let active: Double
    let outputTokens: Int
    let latencySeconds: Double?
    let low: String
    let middle: String
    let high: String

    init(
        _ total: Double, _ active: Double, _ outputTokens: Int, _ latencySeconds: Double?, _ low: String,
        _ middle: String, _ high: String
    ) {
        self.total = total
        self.active = active
        self.outputTokens = outputTokens
        self.latencySeconds = latencySeconds
        self.low = low
        self.middle = middle
        self.high = high
    }

    static let table = [
        EnergyReference(0.135, 0.135, 1, nil, "0.000072", "0.000080", "0.000159"),
        EnergyReference(0.135, 0.135, 90, 2.5, "0.005758", "0.006339", "0.014330"),
        EnergyReference(0.135, 0.135, 400, nil, "0.028925", "0.031844", "0.063687"),
        EnergyReference(0.135, 0.135, 1000, 30.0, "0.065550", "0.072165", "0.159219"),
        EnergyReference(0.135, 0.135, 131072, nil, "9.478054", "10.434555", "20.869110"),
        EnergyReference(0.5, 0.5, 1, nil, "0.000073", "0.000080", "0.000160"),
        EnergyReference(0.5, 0.5, 90, 2.5, "0.005778", "0.006361", "0.014409"),
        EnergyReference(0.5, 0.5, 400, nil, "0.029086", "0.032021", "0.064042"),
        EnergyReference(0.5, 0.5, 1000, 30.0, "0.065776", "0.072414", "0.160104"),
        EnergyReference(0.5, 0.5, 131072, nil, "9.530783", "10.492605", "20.985210"),
        EnergyReference(1.7, 1.7, 1, nil, "0.000074", "0.000082", "0.000163"),
        EnergyReference(1.7, 1.7, 90, 2.5, "0.005845", "0.006435", "0.014671"),
        EnergyReference(1.7, 1.7, 400, nil, "0.029615", "0.032603", "0.065207"),
        EnergyReference(1.7, 1.7, 1000, 30.0, "0.066521", "0.073234", "0.163017"),
        EnergyReference(1.7, 1.7, 131072, nil, "9.704137", "10.683453", "21.366907"),
        EnergyReference(7, 7, 1, nil, "0.000080", "0.000088", "0.000176"),
        EnergyReference(7, 7, 90, 2.5, "0.006141", "0.006761", "0.015829"),
        EnergyReference(7, 7, 400, nil, "0.031951", "0.035176", "0.070351"),
        EnergyReference(7, 7, 1000, 30.0, "0.069811", "0.076856", "0.175878"),
        EnergyReference(7, 7, 131072, nil, "10.469784", "11.526367", "23.052734"),
        EnergyReference(32.8, 32.8, 1, nil, "0.000108", "0.000119", "0.000238"),
        EnergyReference(32.8, 32.8, 90, 2.5, "0.007582", "0.008347", "0.021464"),
        EnergyReference(32.8, 32.8, 400, nil, "0.043325", "0.047698", "0.095396"),
        EnergyReference(32.8, 32.8, 1000, 30.0, "0.085824", "0.094485", "0.238489"),
        EnergyReference(32.8, 32.8, 131072, nil, "14.196894", "15.629609", "31.259217"),
        EnergyReference(33.4, 33.4, 1, nil, "0.000218", "0.000240", "0.000480"),
        EnergyReference(33.4, 33.4, 90, 2.5, "0.015231", "0.016769", "0.043190"),
        EnergyReference(33.4, 33.4, 400, nil, "0.087180", "0.095978", "0.191956"),
        EnergyReference(33.4, 33.4, 1000, 30.0, "0.172392", "0.189789", "0.479890"),
        EnergyReference(33.4, 33.4, 131072, nil, "28.567143", "31.450066", "62.900131"),
        EnergyReference(70, 70, 1, nil, "0.000597", "0.000658", "0.001315"),
        EnergyReference(70, 70, 90, 2.5, "0.038641", "0.042540", "0.118355"),
        EnergyReference(70, 70, 400, nil, "0.238902", "0.263012", "0.526023"),
        EnergyReference(70, 70, 1000, 30.0, "0.435649", "0.479614", "1.315058"),
        EnergyReference(70, 70, 131072, nil, "78.283473", "86.183640", "172.367280"),
        EnergyReference(46.7, 12.9, 1, nil, "0.000173", "0.000190", "0.000380"),
        EnergyReference(46.7, 12.9, 90, 2.5, "0.012941", "0.014247", "0.034235"),
        EnergyReference(46.7, 12.9, 400, nil, "0.069105", "0.076079", "0.152157"),
        EnergyReference(46.7, 12.9, 1000, 30.0, "0.146945", "0.161774", "0.380393"),
        EnergyReference(46.7, 12.9, 131072, nil, "22.644215", "24.929411", "49.858821"),
        EnergyReference(30, 3, 1, nil, "0.000075", "0.000083", "0.000166"),
        EnergyReference(30, 3, 90, 2.5, "0.005918", "0.006515", "0.014955"),
        EnergyReference(30, 3, 400, nil, "0.030188", "0.033234", "0.066469"),
        EnergyReference(30, 3, 1000, 30.0, "0.067328", "0.074123", "0.166171"),
        EnergyReference(30, 3, 131072, nil, "9.891937", "10.890206", "21.780412"),
        EnergyReference(405, 405, 1, nil, "0.008297", "0.009134", "0.018268"),
        EnergyReference(405, 405, 90, 2.5, "0.453970", "0.499783", "1.644092"),
        EnergyReference(405, 405, 400, nil, "3.318629", "3.653537", "7.307073"),
        EnergyReference(405, 405, 1000, 30.0, "5.069340", "5.580925", "18.267683"),
        EnergyReference(405, 405, 131072, nil, "1087.448404", "1197.190904", "2394.381807"),
        EnergyReference(671, 37, 1, nil, "0.003614", "0.003979", "0.007958"),
        EnergyReference(671, 37, 90, 2.5, "0.250138", "0.275381", "0.716202"),
        EnergyReference(671, 37, 400, nil, "1.445667", "1.591560", "3.183121"),
        EnergyReference(671, 37, 1000, 30.0, "2.829774", "3.115348", "7.957802"),
        EnergyReference(671, 37, 131072, nil, "473.716269", "521.522498", "1043.044997"),
    ]
}

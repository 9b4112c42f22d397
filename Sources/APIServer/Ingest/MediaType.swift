/// The type of a body, as the header Content-Type names it; parameters are left out.
/// https://www.rfc-editor.org/rfc/rfc9110#section-8.3.1
struct MediaType: Equatable {
    /// In lower case, since case does not matter; empty where there was no header.
    let name: String

    init(contentType: String?) {
        name = (contentType ?? "").prefix { $0 != ";" }.trimmingOptionalWhitespace().lowercased()
    }
}

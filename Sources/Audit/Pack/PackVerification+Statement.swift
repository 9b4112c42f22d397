internal import Sodium

extension PackVerification {
    /// Whether everything has the shape that the format lays down, the signed statement included.
    var format: Finding {
        if let problem = pack.problems.first { return .fail(problem) }
        guard publicKey != nil else { return .fail("public_key is not a public key") }
        if case .success = payload, case .failure(let error) = statement { return .fail(error.message) }
        return .pass
    }

    /// Whether the signed bytes are the canonical form of what they say, so that they can be read in one way only.
    var canonical: Finding {
        switch payload {
        case .failure(let error): .fail(error.message)
        case .success(let value):
            CanonicalJSON.encode(value) == pack.envelope.payload
                ? .pass : .fail("the payload is not in its canonical form")
        }
    }

    /// Whether the flat fields say what is signed, and nothing else.
    var projection: Finding {
        guard case .success(let statement) = statement else { return .notChecked("there is no statement") }
        var expected = FlatProjection.members(of: statement)
        expected["verification_method"] = .string(FlatProjection.verificationMethod)
        expected["signature_suite"] = .string(FlatProjection.signatureSuite)
        expected["signature"] = .string(FlatProjection.text(of: pack.envelope.signature))
        for member in expected.members where pack.object[member.name] != member.value {
            return .fail("\(member.name) is not what is signed")
        }
        for member in FlatProjection.payload(of: statement).members where pack.payload[member.name] != member.value {
            return .fail("\(member.name) of payload is not what is signed")
        }
        guard pack.log.origin.utf8.elementsEqual(statement.origin.utf8) else {
            return .fail("origin of log is not what is signed")
        }
        guard let publicKey, KeyID(of: publicKey).text.utf8.elementsEqual(pack.envelope.keyID.utf8) else {
            return .fail("public_key is not the key that the envelope names")
        }
        return .pass
    }

    /// Whether `public_key` has signed the statement, and the proof's key the pack.
    var signature: Finding {
        guard let publicKey else { return .notChecked("there is no public key") }
        guard pack.envelope.payloadType.utf8.elementsEqual(DSSEEnvelope.payloadType.utf8) else {
            return .fail("what is signed is of another type")
        }
        guard pack.envelope.isSigned(by: publicKey) else { return .fail("the statement is not signed by public_key") }
        if let proof = pack.proof, !proof.isSigned { return .fail("the proof is not a signature of this pack") }
        return .pass
    }

    /// Whether every opening opens a commitment, each another one.
    var openings: Finding {
        guard !pack.openings.isEmpty else { return .notPresent }
        guard case .success(let statement) = statement else { return .notChecked("there is no statement") }
        guard Set(pack.openings.map { Array($0.field.utf8) }).count == pack.openings.count else {
            return .fail("a field is opened twice")
        }
        return pack.openings.allSatisfy { $0.opens(statement) } ? .pass : .fail("an opening opens no commitment")
    }
}

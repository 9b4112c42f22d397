/// One request with every field of OTLP 1.10 in it, made with the official Python packages `opentelemetry-proto` 1.45 and
/// `protobuf` 7.36: bytes by `SerializeToString`, JSON by `json_format`, with ids turned into hexadecimal digits and
/// the lists of scopes and spans moved behind their schema URLs, where we write them.
enum GoldenRequest {
    static let protobuf = bytes(
        hex: """
            0a8e070a400a1a0a0c736572766963652e6e616d65120a0a08636865636b6f757410011a200a01751207736572766963651a0c73
            6572766963652e6e616d6522016122016212fe050a1e0a036c69621203312e321a100a0a73636f70652e61747472120210012002
            1287050a105b8efff798038103d269b633813fc60c1208eee19b7ec3c1b1741a1076656e646f723d312c6f746865723d322208ee
            e19b7ec3c1b1732a12474554202fd0bad0bbd18ed1872ff09f8e89300339004859e3faeb6f1541ffffffffffffffff4a4d0a0673
            7472696e6712430a4171756f74652022206261636b736c617368205c20736c617368202f207461622009206e756c200020756e69
            74201f2064656c207f206c696e6520e280a820656e644a0b0a05656d70747912020a004a0a0a0474727565120210014a0b0a0566
            616c7365120210004a0a0a047a65726f120218004a110a036d6178120a18ffffffffffffffff7f4a120a036d696e120b18808080
            808080808080014a110a0468616c66120921000000000000e03f4a140a0768756e6472656412092100000000000059404a1a0a0d
            6e65676174697665207a65726f12092100000000000000804a110a0474696e7912092101000000000000004a120a056c61726765
            1209219c7500883ce4377e4a100a036e616e120921000000000000f87f4a150a08696e66696e697479120921000000000000f07f
            4a160a092d696e66696e697479120921000000000000f0ff4a0f0a05627974657312063a0400ff103e4a080a046e6f6e6512004a
            230a056172726179121a2a180a030a01610a000a0f320d0a0b0a05696e6e657212022a004a140a05696e646578120b40fdffffff
            ffffffffff014a02180750ffffffff0f5a1c09010000000000000012056576656e741a080a016b120318ac0220035a0060046a38
            0a105b8efff798038103d269b633813fc60c1208eee19b7ec3c1b1731a03783d79220e0a016b12092148afbc9af2d77a3e280535
            000300006a0070067a0a12066661696c6564180285010101000012290a105b8efff798038103d269b633813fc60c120800000000
            0000000130feffffffffffffffff017a001a2768747470733a2f2f6f70656e74656c656d657472792e696f2f736368656d61732f
            312e33362e301220121e0a105b8efff798038103d269b633813fc60c12080000000000000002304d1a2768747470733a2f2f6f70
            656e74656c656d657472792e696f2f736368656d61732f312e33372e30
            """)

    static let json = #"""
        {
          "resourceSpans": [
            {
              "resource": {
                "attributes": [
                  {
                    "key": "service.name",
                    "value": {
                      "stringValue": "checkout"
                    }
                  }
                ],
                "droppedAttributesCount": 1,
                "entityRefs": [
                  {
                    "schemaUrl": "u",
                    "type": "service",
                    "idKeys": [
                      "service.name"
                    ],
                    "descriptionKeys": [
                      "a",
                      "b"
                    ]
                  }
                ]
              },
              "schemaUrl": "https://opentelemetry.io/schemas/1.37.0",
              "scopeSpans": [
                {
                  "scope": {
                    "name": "lib",
                    "version": "1.2",
                    "attributes": [
                      {
                        "key": "scope.attr",
                        "value": {
                          "boolValue": true
                        }
                      }
                    ],
                    "droppedAttributesCount": 2
                  },
                  "schemaUrl": "https://opentelemetry.io/schemas/1.36.0",
                  "spans": [
                    {
                      "traceId": "5b8efff798038103d269b633813fc60c",
                      "spanId": "eee19b7ec3c1b174",
                      "traceState": "vendor=1,other=2",
                      "parentSpanId": "eee19b7ec3c1b173",
                      "name": "GET /ключ/🎉",
                      "kind": 3,
                      "startTimeUnixNano": "1544712660000000000",
                      "endTimeUnixNano": "18446744073709551615",
                      "attributes": [
                        {
                          "key": "string",
                          "value": {
                            "stringValue": "quote \" backslash \\ slash / tab \t nul \u0000 unit \u001f del \#u{7f} line \#u{2028} end"
                          }
                        },
                        {
                          "key": "empty",
                          "value": {
                            "stringValue": ""
                          }
                        },
                        {
                          "key": "true",
                          "value": {
                            "boolValue": true
                          }
                        },
                        {
                          "key": "false",
                          "value": {
                            "boolValue": false
                          }
                        },
                        {
                          "key": "zero",
                          "value": {
                            "intValue": "0"
                          }
                        },
                        {
                          "key": "max",
                          "value": {
                            "intValue": "9223372036854775807"
                          }
                        },
                        {
                          "key": "min",
                          "value": {
                            "intValue": "-9223372036854775808"
                          }
                        },
                        {
                          "key": "half",
                          "value": {
                            "doubleValue": 0.5
                          }
                        },
                        {
                          "key": "hundred",
                          "value": {
                            "doubleValue": 100.0
                          }
                        },
                        {
                          "key": "negative zero",
                          "value": {
                            "doubleValue": -0.0
                          }
                        },
                        {
                          "key": "tiny",
                          "value": {
                            "doubleValue": 5e-324
                          }
                        },
                        {
                          "key": "large",
                          "value": {
                            "doubleValue": 1e+300
                          }
                        },
                        {
                          "key": "nan",
                          "value": {
                            "doubleValue": "NaN"
                          }
                        },
                        {
                          "key": "infinity",
                          "value": {
                            "doubleValue": "Infinity"
                          }
                        },
                        {
                          "key": "-infinity",
                          "value": {
                            "doubleValue": "-Infinity"
                          }
                        },
                        {
                          "key": "bytes",
                          "value": {
                            "bytesValue": "AP8QPg=="
                          }
                        },
                        {
                          "key": "none",
                          "value": {}
                        },
                        {
                          "key": "array",
                          "value": {
                            "arrayValue": {
                              "values": [
                                {
                                  "stringValue": "a"
                                },
                                {},
                                {
                                  "kvlistValue": {
                                    "values": [
                                      {
                                        "key": "inner",
                                        "value": {
                                          "arrayValue": {}
                                        }
                                      }
                                    ]
                                  }
                                }
                              ]
                            }
                          }
                        },
                        {
                          "key": "index",
                          "value": {
                            "stringValueStrindex": -3
                          }
                        },
                        {
                          "keyStrindex": 7
                        }
                      ],
                      "droppedAttributesCount": 4294967295,
                      "events": [
                        {
                          "timeUnixNano": "1",
                          "name": "event",
                          "attributes": [
                            {
                              "key": "k",
                              "value": {
                                "intValue": "300"
                              }
                            }
                          ],
                          "droppedAttributesCount": 3
                        },
                        {}
                      ],
                      "droppedEventsCount": 4,
                      "links": [
                        {
                          "traceId": "5b8efff798038103d269b633813fc60c",
                          "spanId": "eee19b7ec3c1b173",
                          "traceState": "x=y",
                          "attributes": [
                            {
                              "key": "k",
                              "value": {
                                "doubleValue": 1e-07
                              }
                            }
                          ],
                          "droppedAttributesCount": 5,
                          "flags": 768
                        },
                        {}
                      ],
                      "droppedLinksCount": 6,
                      "status": {
                        "message": "failed",
                        "code": 2
                      },
                      "flags": 257
                    },
                    {
                      "traceId": "5b8efff798038103d269b633813fc60c",
                      "spanId": "0000000000000001",
                      "kind": -2,
                      "status": {}
                    }
                  ]
                },
                {
                  "spans": [
                    {
                      "traceId": "5b8efff798038103d269b633813fc60c",
                      "spanId": "0000000000000002",
                      "kind": 77
                    }
                  ]
                }
              ]
            }
          ]
        }
        """#
}

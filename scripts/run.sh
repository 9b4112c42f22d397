#!/usr/bin/env bash
# Serves ./data with the release binary. The first start makes an API key and prints what an OpenTelemetry exporter
# needs to use it. BATCHIN_LISTEN, BATCHIN_DATA and BATCHIN_USER (the key's owner) replace the defaults.
set -euo pipefail
cd "$(dirname "$0")/.."

batchin=.build/release/batchin
listen=${BATCHIN_LISTEN:-127.0.0.1:8080}
data=${BATCHIN_DATA:-./data}
user=${BATCHIN_USER:-dev@example.com}

if [[ -e $data/batchin.db ]]; then
    cat <<EOF
Using the keys and spans in $data. To make another key:

  $batchin keys create --user $user --name another-key --data $data

EOF
else
    key=$("$batchin" keys create --user "$user" --name first-key --data "$data")
    # Values are percent-encoded, as in W3C Baggage:
    # https://opentelemetry.io/docs/specs/otel/protocol/exporter/#specifying-headers-via-environment-variables
    cat <<EOF
Made an API key for $user. It is shown this once and stored nowhere in the clear:

  $key

To send traces with an OpenTelemetry SDK, paste this into the shell that starts your program:

  export OTEL_EXPORTER_OTLP_ENDPOINT=http://$listen
  export OTEL_EXPORTER_OTLP_HEADERS="authorization=Bearer%20$key"
  export OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf

EOF
fi

exec "$batchin" serve --listen "$listen" --data "$data"

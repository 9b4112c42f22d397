import Testing

@testable import APIServer

extension Configuration {
    /// Loads `yaml` and returns the mistakes as they are shown.
    static func mistakes(
        _ yaml: String, environment: [String: String] = [:], flags: ConfigurationFlags = ConfigurationFlags()
    ) -> [String] {
        do {
            _ = try Configuration(yaml: yaml, file: "test.yaml", environment: environment, flags: flags)
            return []
        } catch {
            return error.mistakes.map(\.description)
        }
    }

    /// A file that sets every key of the schema to something else than its default.
    static let everything = """
        environment: production
        internal_token: canary-token
        allow_open_development: true
        listen: "[::]:9000"
        metrics_listen: 127.0.0.1:9001
        public_url: https://batchin.example/api/
        trusted_proxies: [10.0.0.0/8, "fd00::1"]
        data: /var/lib/batchin
        master_key_file: /etc/batchin/master.key
        database:
          url: postgres://batchin:canary-database@db.example:5432/batchin?sslmode=require
        spans:
          store: database
          url: postgresql:///spans?host=/run/postgresql&password=canary-spans
          retention_days: 7
          retention_bytes: 1000000
          head_bytes: 2000000
        limits:
          body_bytes: 1
          control_body_bytes: 2
          ingest_queue_bytes: 3
          head_timeout_s: 4
          body_idle_timeout_s: 5
          keepalive_s: 6
          stream_write_stall_s: 7
        capture: hash
        providers:
          - id: local-llm
            base_url: http://127.0.0.1:8081/v1
            api_key_env: LOCAL_LLM_KEY
            headers: { Authorization: Bearer canary-header, X-Team: canary-team }
            connect_timeout_s: 6
            timeout_s: 7
        models:
          - id: Qwen/qwen3-32b
            owned_by: qwen
            kind: embedding
            context_length: 131072
            license: "2.0"
            status: on_demand
            pricing:
              unit: usd_per_1m_tokens
              std_input: 0.02
              std_output: 0.08
              cached_input: 0.000001
              batch_input: 1
              batch_output: 1234567.123456789012
              per_image: 0.3
              per_second_video: 0.4
              per_million_characters: 0.5
            route: default-route
        routes:
          - id: default-route
            targets:
              - { provider: local-llm, model: "true", weight: 3 }
              - { provider: local-llm }
            retries: 0
        audit:
          origin: batchin.example/log
          checkpoint_file: /mnt/elsewhere/checkpoint
        webhooks:
          allow_private: true
        usdc:
          chains:
            - { chain: base, deposit_address: "0x1234", required_confirmations: 12 }
        stripe:
          api_base: http://127.0.0.1:12111
          secret_key_env: OTHER_SECRET_KEY
          webhook_secret_env: OTHER_WEBHOOK_SECRET
        energy:
          grid_zone: DE
          baseline_zone: FR
        """
}

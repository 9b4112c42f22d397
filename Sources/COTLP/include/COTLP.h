#pragma once

#include <google/rpc/error_details.pb-c.h>
#include <google/rpc/status.pb-c.h>
#include <opentelemetry/proto/collector/trace/v1/trace_service.pb-c.h>
#include <opentelemetry/proto/trace/v1/trace.pb-c.h>

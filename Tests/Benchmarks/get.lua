-- Asks for one path with wrk, and tells it like submit.lua.
function done(summary, latency, _)
  local errors = summary.errors
  io.write(string.format("result %d %d %f %f %f %f\n", summary.requests,
    errors.status + errors.connect + errors.read + errors.write + errors.timeout, summary.duration / 1e6,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000, latency.max / 1000))
end

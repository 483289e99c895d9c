-- Load by wrk: asks for one path, or, with ENTER, enters tattoos; PHOTO names a picture, if there is to be one.
local photo = os.getenv("PHOTO")
local picture = ""
if photo then
  local file = assert(io.open(photo, "rb"))
  picture = '--b\r\nContent-Disposition: form-data; name="photo"; filename="photo.jpg"\r\n'
    .. "Content-Type: image/jpeg\r\n\r\n" .. file:read("*a") .. "\r\n"
  file:close()
end

local function field(name, value)
  return '--b\r\nContent-Disposition: form-data; name="' .. name .. '"\r\n\r\n' .. value .. "\r\n"
end

if os.getenv("ENTER") then
  local fields = field("category", "best") .. field("name", "Ann Other") .. field("phone", "555 0101")
  local count = 0
  wrk.headers["Content-Type"] = "multipart/form-data; boundary=b"

  function request()
    count = count + 1
    local body = fields .. field("caption", "A tattoo with a story, number " .. count) .. picture .. "--b--\r\n"
    return wrk.format("POST", "/api/submit", nil, body)
  end
end

-- requests, refusals and failures, seconds, milliseconds at 50 and 99 %, the longest: one line.
function done(summary, latency, _)
  local errors = summary.errors
  io.write(string.format("result %d %d %f %f %f %f\n", summary.requests,
    errors.status + errors.connect + errors.read + errors.write + errors.timeout, summary.duration / 1e6,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000, latency.max / 1000))
end

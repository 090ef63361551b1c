-- GET /account or /bare/account, each time with another session's token. At a steady rate.
local tokens = {}
local path = "/account"

function init(arguments)
  path = arguments[1]
  for line in io.lines(arguments[2]) do tokens[#tokens + 1] = "Bearer " .. line end
  math.randomseed(os.time())
end

-- Milliseconds that a connection waits before it asks again: 20 connections make 1,000 requests a second.
function delay()
  return math.random(10, 30)
end

function request()
  return wrk.format("GET", path, { ["Authorization"] = tokens[math.random(#tokens)] })
end

-- GET /account or /bare/account, each time with another session's token.
local tokens = {}
local path = "/account"

function init(arguments)
  path = arguments[1]
  for line in io.lines(arguments[2]) do tokens[#tokens + 1] = "Bearer " .. line end
  math.randomseed(os.time())
end

function request()
  return wrk.format("GET", path, { ["Authorization"] = tokens[math.random(#tokens)] })
end

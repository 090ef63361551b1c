-- POST /auth/login, each time as another user.
local users = 1000

function init(arguments)
  users = tonumber(arguments[1])
  math.randomseed(os.time())
end

function request()
  local body = '{"identifier":"user' .. math.random(users) .. '@x.test",'
    .. '"password":"correct horse battery staple","transport":"bearer"}'
  return wrk.format("POST", "/auth/login", { ["Content-Type"] = "application/json" }, body)
end

-- POST /auth/login or /bare/auth/login, each time as another user.
local path = "/auth/login"
local users = 1000

function init(arguments)
  path = arguments[1]
  users = tonumber(arguments[2])
  math.randomseed(os.time())
end

function request()
  local body = '{"identifier":"user' .. math.random(users) .. '@x.test",'
    .. '"password":"correct horse battery staple","transport":"bearer"}'
  return wrk.format("POST", path, { ["Content-Type"] = "application/json" }, body)
end

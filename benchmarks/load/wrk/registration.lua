-- POST /auth/registration, each time with a free address.
local count = 0
local run = "x"

function init(arguments)
  run = arguments[1]
end

function request()
  count = count + 1
  local body = '{"email":"new' .. run .. tostring(wrk.thread):match("0x%x+") .. count .. '@x.test",'
    .. '"password":"correct horse battery staple"}'
  return wrk.format("POST", "/auth/registration", { ["Content-Type"] = "application/json" }, body)
end

-- As kubectl tlvm restart: each new value restarts the guest once.
local os = require("os")
if obj.metadata.annotations == nil then
  obj.metadata.annotations = {}
end
obj.metadata.annotations["trustedlaunch.io/restartedAt"] = os.date("!%Y-%m-%dT%H:%M:%SZ")
return obj

-- What Argo CD shows as the health of every kind of trustedlaunch.io: docs/health.md explains the conditions.
local status = obj.status or {}
local observed = status.observedGeneration

-- Of the operator's own kinds, some have no observedGeneration, and are read by their conditions alone.
if observed ~= nil and observed ~= obj.metadata.generation then
  return {status = "Progressing", message = "The operator has not seen this spec yet."}
end

local conditions = {}
for _, condition in ipairs(status.conditions or {}) do
  conditions[condition.type] = condition
end

local function is(name)
  return conditions[name] ~= nil and conditions[name].status == "True"
end

local function text(condition)
  return (condition.reason or "") .. ": " .. (condition.message or "")
end

-- Only a person can help; so this comes before whatever may still pass.
if is("Stalled") then
  return {status = "Degraded", message = text(conditions["Stalled"])}
end
if is("Reconciling") then
  return {status = "Progressing", message = text(conditions["Reconciling"])}
end

-- A VM that should be off is Ready, and so Healthy. It is never Suspended: a sync would wait for it without an end.
local ready = conditions["Ready"]
if ready ~= nil and ready.status ~= "True" then
  return {status = "Progressing", message = text(ready)}
end
if ready ~= nil then
  return {status = "Healthy", message = text(ready)}
end
return {status = "Healthy"}

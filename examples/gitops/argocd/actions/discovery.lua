-- Which actions a person can choose for a TrustedLaunchVM, as kubectl tlvm offers them.
local halted = obj.spec.runStrategy == "Halted"
return {
  start = {disabled = not halted},
  stop = {disabled = halted},
  restart = {disabled = halted},
}

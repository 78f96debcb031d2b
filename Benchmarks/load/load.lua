-- What wrk sends, and what it says when it is done: one line of JSON, so that nobody has to parse its prose.
-- Arguments after the URL: METHOD, BODY ("" for none; several, a line each, are sent in turn), and optionally the mean pause in milliseconds between a
-- connection's requests (it turns the closed loop into a steady load; see harness/soak.py).

local pause = 0

function init(arguments)
    wrk.method = arguments[1] or "GET"
    if arguments[2] and arguments[2] ~= "" then
        wrk.body = arguments[2]
        wrk.headers["Content-Type"] = "application/json"
    end
    local bodies = {}
    for line in (wrk.body or ""):gmatch("[^\n]+") do bodies[#bodies + 1] = line end
    if #bodies > 1 then
        -- Made once: wrk sends a request as the text it is given.
        local requests, turn = {}, 0
        for index, body in ipairs(bodies) do requests[index] = wrk.format(nil, nil, nil, body) end
        function request()
            turn = turn % #requests + 1
            return requests[turn]
        end
    end
    pause = tonumber(arguments[3] or "0")
    if pause > 0 then
        -- wrk pauses whole milliseconds: chance carries the fraction. Global only when wanted, since wrk calls it.
        function delay()
            local whole = math.floor(pause)
            return whole + (math.random() < pause - whole and 1 or 0)
        end
    end
end

function done(summary, latency)
    local e = summary.errors
    io.write(string.format(
        '\n{"requests": %d, "seconds": %.6f, "p50_us": %d, "p99_us": %d, "errors": %d}\n',
        summary.requests, summary.duration / 1e6, latency:percentile(50), latency:percentile(99),
        e.connect + e.read + e.write + e.status + e.timeout))
end

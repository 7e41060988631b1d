package e2e

// taped is a small centre: 600 is a recorded echo, 10XX a recorded call between phones, 700 a recorded queue of two agents,
// 710 an announcement without answer, 720 an answer that waits, 730 a menu.
func taped() centre {
	return centre{
		"data.yml": `trunks:
  - {id: carrier, sources: [TRUNK]}
phones:
  - {user: 1001-1009, password: "pw${user}"}
people:
  - {login: one, phone: "1001", queues: {desk: 1}, ready: true}
  - {login: two, phone: "1002", queues: {desk: 1}, ready: true}
queues:
  - {id: desk, ring: 2s, wrap_up: 0s, misses: 2}
routes:
  - {id: all, steps: [{queue: desk}]}
numbers:
  - {number: "600", flow: echo}
  - {number: 10XX, flow: phone}
  - {number: "700", flow: people}
  - {number: "6710", flow: early}
  - {number: "6720", flow: wait}
  - {number: "6730", flow: menu}
flows: [flows/*.yml]
`,
		"flows/echo.yml": `flow: echo
start: tape
nodes:
  tape: {type: record, next: echo}
  echo: {type: echo}
`,
		"flows/phone.yml": `flow: phone
start: ring
nodes:
  ring: {type: dial, targets: [{phone: "${dialled}"}], for: 3s, record: true}
`,
		"flows/people.yml": `flow: people
start: tape
nodes:
  tape: {type: record, next: people}
  people: {type: queue, on: {timeout: bye, no-agents: bye}}
  bye: {type: hangup}
`,
		"flows/early.yml": `flow: early
start: early
nodes:
  early: {type: early, prompts: [welcome], next: bye}
  bye: {type: hangup, cause: busy}
`,
		"flows/menu.yml": `flow: menu
start: menu
nodes:
  menu: {type: menu, prompts: [welcome], timeout: 20s, tries: 1, keys: {1: one, 2: two}, on: {timeout: bye, invalid: bye}}
  one: {type: topic, topic: one, next: bye}
  two: {type: topic, topic: two, next: bye}
  bye: {type: hangup}
`,
		"flows/wait.yml": `flow: wait
start: answer
nodes:
  answer: {type: answer, next: rest}
  rest: {type: ring, for: 2m, next: rest}
`,
	}
}

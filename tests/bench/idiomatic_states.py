"""The agents of :mod:`tests.bench.idiomatic` that keep the state of each ticket, call, chat and rep."""

from __future__ import annotations

from typing import Any

from tests.bench.idiomatic_app import (
    CloudEvent,
    Contact,
    Rep,
    Ticket,
    app,
    call_table,
    call_topic,
    chat_table,
    chat_topic,
    done,
    rep_table,
    rep_topic,
    tell,
    ticket_table,
    ticket_topic,
    touch,
    when,
)

THRESHOLD_S = 20.0
SHORT_S = 5.0


def learn(state: Ticket | Contact | Rep, data: dict[str, Any]) -> None:
    for name in ("queue", "channel", "priority", "customer", "reason"):
        if data.get(name) and hasattr(state, name):
            setattr(state, name, data[name])


# --- tickets -------------------------------------------------------------------------------------------------------


@app.agent(ticket_topic)
async def tickets(events: Any) -> None:
    async for event in events:
        at, data, entity = when(event), event.data, event.subject
        name = event.type.removeprefix("support.").removesuffix(".v1")
        ticket = ticket_table.get(entity)
        if name == "ticket.created":
            ticket = Ticket(created=at, queue=data.get("queue", ""), since=at, clock=at)
            learn(ticket, data)
            await tell(ticket, "created", at)
            await touch(ticket, entity, at, over=False)
        elif ticket is not None:
            learn(ticket, data)
            await change_ticket(ticket, name, data, at, entity)
        if ticket is not None:
            ticket_table[entity] = ticket
        done["events"] += 1


STATUS_OF = {"ticket.solved": "solved", "ticket.reopened": "open", "ticket.closed": "closed", "bot.resolved": "solved"}


async def change_ticket(ticket: Ticket, name: str, data: dict[str, Any], at: float, entity: str) -> None:
    if name == "message.sent":
        if not data.get("public", True) or data.get("automated"):
            return
        if data["author"] == "rep" and not ticket.replied:
            ticket.replied = True
            await tell(ticket, "first_reply", at, at - ticket.clock)
        elif data["author"] == "customer" and ticket.status == "pending":
            await enter(ticket, "open", at, entity)
    elif name == "bot.handoff":
        ticket.clock = at
        await tell(ticket, "bot_handoff", at, at - ticket.created)
    elif name == "ticket.status_changed":
        await enter(ticket, data["to"], at, entity)
    elif name in STATUS_OF:
        await enter(ticket, STATUS_OF[name], at, entity)
    elif name == "ticket.merged":
        await tell(ticket, "merged", at)


async def enter(ticket: Ticket, status: str, at: float, entity: str) -> None:
    before = ticket.status
    if status == before:
        return
    if before in ("new", "open", "pending", "on_hold"):
        setattr(ticket, before, getattr(ticket, before) + at - ticket.since)
    ticket.status, ticket.since = status, at
    if status == "solved":
        await tell(ticket, "solve", at)
        if not ticket.solved:
            ticket.solved = True
            await tell(ticket, "first_resolution", at, at - ticket.created)
        await tell(ticket, "full_resolution", at, at - ticket.created)
        await tell(ticket, "requester_wait", at, ticket.new + ticket.open + ticket.on_hold)
        await tell(ticket, "agent_work", at, ticket.new + ticket.open)
        if ticket.pending:
            await tell(ticket, "pending", at, ticket.pending)
        if ticket.on_hold:
            await tell(ticket, "on_hold", at, ticket.on_hold)
        await touch(ticket, entity, at, over=True)
    elif status == "closed":
        await tell(ticket, "close", at, at - ticket.created)
    elif before in ("solved", "closed"):
        await tell(ticket, "reopen", at)


# --- calls and chats -----------------------------------------------------------------------------------------------


@app.agent(call_topic)
async def calls(events: Any) -> None:
    async for event in events:
        await contact(call_table, event)


@app.agent(chat_topic)
async def chats(events: Any) -> None:
    async for event in events:
        await contact(chat_table, event)


async def contact(table: Any, event: CloudEvent) -> None:
    at, data, entity = when(event), event.data, event.subject
    name = event.type.removeprefix("support.").removesuffix(".v1").removeprefix("contact.")
    state = table.get(entity)
    if state is None:
        state = Contact(began=at)
    learn(state, data)
    if name == "queued":
        if not state.waited and not state.connected:
            await touch(state, entity, state.began, over=False)
        state.queued = at
        await tell(state, "offered", at)
    elif name == "connected" or (name == "message.sent" and state.queued and data["author"] == "rep"):
        if state.queued:
            await leave(state, "queue_wait", at)
        state.connected, state.held = at, 0.0
    elif name == "held":
        state.held_since = at
    elif name == "retrieved":
        unhold(state, at)
    elif name == "left_queue":
        await tell(state, f"flow_out.{data.get('why', 'overflow')}", at)
        state.waited += at - state.queued
        state.queued = 0.0
    elif name == "abandoned":
        await leave(state, "abandon_wait", at)
        await end(state, at, entity)
    elif name in ("ended", "transferred"):
        await end_talk(state, at)
        if name == "ended":
            await end(state, at, entity)
    elif name == "wrapup_ended" and state.talk_end:
        await tell(state, "acw", at, at - state.talk_end)
        await tell(state, "handle_acw", at, at - state.talk_end)
    table[entity] = state
    done["events"] += 1


async def leave(state: Contact, metric: str, at: float) -> None:
    wait = at - state.queued
    state.waited += wait
    state.queued = 0.0
    await tell(state, metric, at, wait)
    if wait <= THRESHOLD_S:
        await tell(state, f"{metric}.in_time", at)
    if metric == "abandon_wait" and wait <= SHORT_S:
        await tell(state, "abandoned_short", at)


def unhold(state: Contact, at: float) -> None:
    if state.held_since:
        state.held += at - state.held_since
        state.held_since = 0.0


async def end_talk(state: Contact, at: float) -> None:
    if not state.connected:
        return
    unhold(state, at)
    await tell(state, "talk", at, at - state.connected - state.held)
    await tell(state, "handle", at, at - state.connected)
    state.held_in_all += state.held
    state.connected, state.talk_end = 0.0, at


async def end(state: Contact, at: float, entity: str) -> None:
    if state.waited:
        await tell(state, "customer_wait", at, state.waited + state.held_in_all)
        if state.held_in_all:
            await tell(state, "customer_hold", at, state.held_in_all)
        await touch(state, entity, at, over=True)


# --- reps ----------------------------------------------------------------------------------------------------------


@app.agent(rep_topic)
async def reps(events: Any) -> None:
    async for event in events:
        at, data, entity = when(event), event.data, event.subject
        name = event.type.removeprefix("support.").removesuffix(".v1")
        rep = rep_table.get(entity) or Rep()
        learn(rep, data)
        if name in ("rep.logged_in", "rep.state_changed", "rep.logged_out"):
            if rep.state:
                await tell(rep, f"state.{rep.state}", at, at - rep.since)
            rep.state = "" if name == "rep.logged_out" else data.get("state", "available")
            rep.since = at
        rep_table[entity] = rep
        done["events"] += 1

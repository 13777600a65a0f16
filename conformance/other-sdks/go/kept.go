package main

import (
	"strconv"

	pubnub "github.com/pubnub/go/v7"
)

func performKept(pn *pubnub.PubNub, call string, a args) (interface{}, status, error, bool) {
	switch call {
	case "history":
		answer, s, err := history(pn, a)
		return answer, s, err, true
	case "fetch":
		answer, s, err := fetch(pn, a)
		return answer, s, err, true
	case "counts":
		timetokens := []int64{}
		for _, text := range a.Timetokens {
			timetokens = append(timetokens, number(text))
		}
		r, s, err := pn.MessageCounts().Channels(a.Channels).ChannelsTimetoken(timetokens).Execute()
		if err != nil {
			return nil, s, err, true
		}
		return r.Channels, s, nil, true
	case "delete_messages":
		b := pn.DeleteMessages().Channel(a.Channel)
		if a.Start != "" {
			b = b.Start(number(a.Start))
		}
		if a.End != "" {
			b = b.End(number(a.End))
		}
		_, s, err := b.Execute()
		return nil, s, err, true
	case "add_action":
		action := pubnub.MessageAction{ActionType: a.Type, ActionValue: a.Value}
		r, s, err := pn.AddMessageAction().Channel(a.Channel).MessageTimetoken(a.Message.(string)).Action(action).Execute()
		if err != nil {
			return nil, s, err, true
		}
		return shownAction(r.Data), s, nil, true
	case "get_actions":
		r, s, err := pn.GetMessageActions().Channel(a.Channel).Execute()
		if err != nil {
			return nil, s, err, true
		}
		actions := []fields{}
		for _, action := range r.Data {
			actions = append(actions, shownAction(action))
		}
		return actions, s, nil, true
	case "remove_action":
		b := pn.RemoveMessageAction().Channel(a.Channel).MessageTimetoken(a.Message.(string)).ActionTimetoken(a.Action)
		_, s, err := b.Execute()
		return nil, s, err, true
	}
	return nil, status{}, nil, false
}

func history(pn *pubnub.PubNub, a args) (interface{}, status, error) {
	b := pn.History().Channel(a.Channel).IncludeTimetoken(true).Reverse(a.Reverse)
	if a.Count > 0 {
		b = b.Count(a.Count)
	}
	if a.Start != "" {
		b = b.Start(number(a.Start))
	}
	if a.End != "" {
		b = b.End(number(a.End))
	}
	r, s, err := b.Execute()
	if err != nil {
		return nil, s, err
	}
	items := []fields{}
	for _, item := range r.Messages {
		items = append(items, fields{"message": item.Message, "timetoken": strconv.FormatInt(item.Timetoken, 10)})
	}
	return items, s, nil
}

func fetch(pn *pubnub.PubNub, a args) (interface{}, status, error) {
	b := pn.Fetch().Channels(a.Channels).IncludeMessageActions(a.Actions)
	if a.Count > 0 {
		b = b.Count(a.Count)
	}
	r, s, err := b.Execute()
	if err != nil {
		return nil, s, err
	}
	channels := fields{}
	for name, messages := range r.Messages {
		items := []fields{}
		for _, item := range messages {
			actions := fields{}
			for kind, values := range item.MessageActions {
				said := fields{}
				for value, by := range values.ActionsTypeValues {
					users := []fields{}
					for _, one := range by {
						users = append(users, fields{"uuid": one.UUID})
					}
					said[value] = users
				}
				actions[kind] = said
			}
			items = append(items, fields{"message": item.Message, "timetoken": item.Timetoken, "actions": actions})
		}
		channels[name] = items
	}
	return channels, s, nil
}

func shownAction(a pubnub.PNMessageActionsResponse) fields {
	return fields{
		"type": a.ActionType, "value": a.ActionValue, "user": a.UUID,
		"message": a.MessageTimetoken, "timetoken": a.ActionTimetoken,
	}
}

"""Steering: risks, decisions, the committee and its meetings, and what the progress page keeps

Revision: 2026_11_22_steering, after 2026_11_22_kpi_imports
"""

import sqlalchemy as sa
from alembic import op

revision = '2026_11_22_steering'
down_revision = '2026_11_22_kpi_imports'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('committee_meeting',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('program_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('meant_for', sa.Date(), nullable=True),
    sa.Column('meets_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('duration_minutes', sa.Integer(), nullable=False),
    sa.Column('place', sa.String(length=200), nullable=False),
    sa.Column('link', sa.String(length=500), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('agenda', sa.JSON(), nullable=False),
    sa.Column('attended', sa.JSON(), nullable=False),
    sa.Column('minutes', sa.Text(), nullable=False),
    sa.Column('cancelled_why', sa.Text(), nullable=False),
    sa.Column('announced_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('held_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('closed_by_id', sa.Integer(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['closed_by_id'], ['person.id'], name=op.f('fk_committee_meeting_closed_by_id')),
    sa.ForeignKeyConstraint(['program_id'], ['program.id'], name=op.f('fk_committee_meeting_program_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_committee_meeting')),
    sa.UniqueConstraint('program_id', 'meant_for', name=op.f('uq_committee_meeting_program_id_meant_for')),
    sa.UniqueConstraint('program_id', 'number', name=op.f('uq_committee_meeting_program_id_number'))
    )
    with op.batch_alter_table('committee_meeting', schema=None) as batch_op:
        batch_op.create_index('ix_committee_meeting_program_id', ['program_id', 'meets_at'], unique=False)
        batch_op.create_index('ix_committee_meeting_state', ['state', 'meets_at'], unique=False)

    op.create_table('committee_member',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('program_id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('deputy_id', sa.Integer(), nullable=True),
    sa.Column('role', sa.String(length=10), nullable=False),
    sa.Column('since', sa.Date(), nullable=False),
    sa.Column('until', sa.Date(), nullable=True),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.CheckConstraint('until >= since', name=op.f('ck_committee_member_order')),
    sa.ForeignKeyConstraint(['deputy_id'], ['person.id'], name=op.f('fk_committee_member_deputy_id')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_committee_member_person_id')),
    sa.ForeignKeyConstraint(['program_id'], ['program.id'], name=op.f('fk_committee_member_program_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_committee_member'))
    )
    with op.batch_alter_table('committee_member', schema=None) as batch_op:
        batch_op.create_index('ix_committee_member_deputy_id', ['deputy_id'], unique=False)
        batch_op.create_index('ix_committee_member_person_id', ['person_id'], unique=False)
        batch_op.create_index('ix_committee_member_seat', ['program_id', 'person_id'], unique=True, sqlite_where=sa.text('until IS NULL'), postgresql_where=sa.text('until IS NULL'))

    op.create_table('decision_request',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('program_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('title', sa.String(length=200), nullable=False),
    sa.Column('background', sa.Text(), nullable=False),
    sa.Column('criteria', sa.Text(), nullable=False),
    sa.Column('case_effect', sa.Text(), nullable=False),
    sa.Column('case_cost', sa.BigInteger(), nullable=True),
    sa.Column('case_return', sa.BigInteger(), nullable=True),
    sa.Column('case_months', sa.Integer(), nullable=True),
    sa.Column('decide_by', sa.Date(), nullable=True),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('asked_by_id', sa.Integer(), nullable=True),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('withdrawn_why', sa.Text(), nullable=False),
    sa.Column('conflict', sa.String(length=40), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['asked_by_id'], ['person.id'], name=op.f('fk_decision_request_asked_by_id')),
    sa.ForeignKeyConstraint(['program_id'], ['program.id'], name=op.f('fk_decision_request_program_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_decision_request')),
    sa.UniqueConstraint('program_id', 'number', name=op.f('uq_decision_request_program_id_number'))
    )
    with op.batch_alter_table('decision_request', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_decision_request_asked_by_id'), ['asked_by_id'], unique=False)
        batch_op.create_index('ix_decision_request_program_id', ['program_id', 'state', 'decide_by'], unique=False)

    op.create_table('risk',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('program_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('title', sa.String(length=200), nullable=False),
    sa.Column('cause', sa.Text(), nullable=False),
    sa.Column('category', sa.String(length=20), nullable=False),
    sa.Column('probability', sa.Integer(), nullable=False),
    sa.Column('impact', sa.Integer(), nullable=False),
    sa.Column('measure', sa.Text(), nullable=False),
    sa.Column('probability_after', sa.Integer(), nullable=True),
    sa.Column('impact_after', sa.Integer(), nullable=True),
    sa.Column('owner_id', sa.Integer(), nullable=True),
    sa.Column('review_on', sa.Date(), nullable=True),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('outcome', sa.Text(), nullable=False),
    sa.Column('escalated_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('handbook_key', sa.String(length=40), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by_id', sa.Integer(), nullable=True),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.CheckConstraint('impact BETWEEN 1 AND 5', name=op.f('ck_risk_impact')),
    sa.CheckConstraint('impact_after BETWEEN 1 AND 5', name=op.f('ck_risk_impact_after')),
    sa.CheckConstraint('probability BETWEEN 1 AND 5', name=op.f('ck_risk_probability')),
    sa.CheckConstraint('probability_after BETWEEN 1 AND 5', name=op.f('ck_risk_probability_after')),
    sa.ForeignKeyConstraint(['created_by_id'], ['person.id'], name=op.f('fk_risk_created_by_id')),
    sa.ForeignKeyConstraint(['owner_id'], ['person.id'], name=op.f('fk_risk_owner_id')),
    sa.ForeignKeyConstraint(['program_id'], ['program.id'], name=op.f('fk_risk_program_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_risk')),
    sa.UniqueConstraint('program_id', 'handbook_key', name=op.f('uq_risk_program_id_handbook_key')),
    sa.UniqueConstraint('program_id', 'number', name=op.f('uq_risk_program_id_number'))
    )
    with op.batch_alter_table('risk', schema=None) as batch_op:
        batch_op.create_index('ix_risk_owner_id', ['owner_id'], unique=False)
        batch_op.create_index('ix_risk_program_id', ['program_id', 'state', 'review_on'], unique=False)

    op.create_table('share_link',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('program_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('sections', sa.JSON(), nullable=False),
    sa.Column('locale', sa.String(length=5), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('passcode_hash', sa.String(length=200), nullable=False),
    sa.Column('opened', sa.Integer(), nullable=False),
    sa.Column('last_opened_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('failed', sa.Integer(), nullable=False),
    sa.Column('last_failed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by_id', sa.Integer(), nullable=True),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.CheckConstraint('opened >= 0 AND failed >= 0', name=op.f('ck_share_link_counts')),
    sa.ForeignKeyConstraint(['created_by_id'], ['person.id'], name=op.f('fk_share_link_created_by_id')),
    sa.ForeignKeyConstraint(['program_id'], ['program.id'], name=op.f('fk_share_link_program_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_share_link')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_share_link_token_hash'))
    )
    with op.batch_alter_table('share_link', schema=None) as batch_op:
        batch_op.create_index('ix_share_link_program_id', ['program_id', 'id'], unique=False)

    op.create_table('state_override',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('program_id', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('expires_on', sa.Date(), nullable=False),
    sa.Column('said_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('said_by_id', sa.Integer(), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_by_id', sa.Integer(), nullable=True),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['ended_by_id'], ['person.id'], name=op.f('fk_state_override_ended_by_id')),
    sa.ForeignKeyConstraint(['program_id'], ['program.id'], name=op.f('fk_state_override_program_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['said_by_id'], ['person.id'], name=op.f('fk_state_override_said_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_state_override'))
    )
    with op.batch_alter_table('state_override', schema=None) as batch_op:
        batch_op.create_index('ix_state_override_program_id', ['program_id', 'expires_on'], unique=False)

    op.create_table('status_report',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('program_id', sa.Integer(), nullable=False),
    sa.Column('week', sa.Date(), nullable=False),
    sa.Column('facts', sa.JSON(), nullable=False),
    sa.Column('draft', sa.Text(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('drafted_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('sent_by_id', sa.Integer(), nullable=True),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['program_id'], ['program.id'], name=op.f('fk_status_report_program_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['sent_by_id'], ['person.id'], name=op.f('fk_status_report_sent_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_status_report')),
    sa.UniqueConstraint('program_id', 'week', name=op.f('uq_status_report_program_id_week'))
    )
    op.create_table('steering_plan',
    sa.Column('program_id', sa.Integer(), nullable=False),
    sa.Column('quorum', sa.Integer(), nullable=True),
    sa.Column('cadence', sa.JSON(), nullable=False),
    sa.Column('duration_minutes', sa.Integer(), nullable=False),
    sa.Column('place', sa.String(length=200), nullable=False),
    sa.Column('link', sa.String(length=500), nullable=False),
    sa.Column('risk_limit', sa.Integer(), nullable=False),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('next_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.CheckConstraint('risk_limit BETWEEN 1 AND 25', name=op.f('ck_steering_plan_risk_limit')),
    sa.ForeignKeyConstraint(['program_id'], ['program.id'], name=op.f('fk_steering_plan_program_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('program_id', name=op.f('pk_steering_plan'))
    )
    with op.batch_alter_table('steering_plan', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_steering_plan_next_at'), ['next_at'], unique=False)

    op.create_table('budget_line',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('program_id', sa.Integer(), nullable=False),
    sa.Column('phase_id', sa.Integer(), nullable=True),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('label', sa.String(length=120), nullable=False),
    sa.Column('approved', sa.BigInteger(), nullable=False),
    sa.Column('spent', sa.BigInteger(), nullable=False),
    sa.Column('forecast', sa.BigInteger(), nullable=True),
    sa.Column('note', sa.String(length=300), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['phase_id'], ['phase.id'], name=op.f('fk_budget_line_phase_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['program_id'], ['program.id'], name=op.f('fk_budget_line_program_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_budget_line'))
    )
    with op.batch_alter_table('budget_line', schema=None) as batch_op:
        batch_op.create_index('ix_budget_line_phase_id', ['phase_id'], unique=False)
        batch_op.create_index('ix_budget_line_program_id', ['program_id', 'position'], unique=False)

    op.create_table('decision_option',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('program_id', sa.Integer(), nullable=False),
    sa.Column('request_id', sa.Integer(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('title', sa.String(length=200), nullable=False),
    sa.Column('pros', sa.Text(), nullable=False),
    sa.Column('cons', sa.Text(), nullable=False),
    sa.Column('effect', sa.Text(), nullable=False),
    sa.Column('cost', sa.BigInteger(), nullable=True),
    sa.Column('is_recommended', sa.Boolean(), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['program_id'], ['program.id'], name=op.f('fk_decision_option_program_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['request_id'], ['decision_request.id'], name=op.f('fk_decision_option_request_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_decision_option')),
    sa.UniqueConstraint('request_id', 'position', name=op.f('uq_decision_option_request_id_position'))
    )
    op.create_table('meeting_point',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('program_id', sa.Integer(), nullable=False),
    sa.Column('meeting_id', sa.Integer(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('title', sa.String(length=200), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('added_by_id', sa.Integer(), nullable=True),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['added_by_id'], ['person.id'], name=op.f('fk_meeting_point_added_by_id')),
    sa.ForeignKeyConstraint(['meeting_id'], ['committee_meeting.id'], name=op.f('fk_meeting_point_meeting_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['program_id'], ['program.id'], name=op.f('fk_meeting_point_program_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_meeting_point'))
    )
    with op.batch_alter_table('meeting_point', schema=None) as batch_op:
        batch_op.create_index('ix_meeting_point_meeting_id', ['meeting_id', 'position'], unique=False)

    op.create_table('snapshot',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('program_id', sa.Integer(), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('meeting_id', sa.Integer(), nullable=True),
    sa.Column('data', sa.JSON(), nullable=False),
    sa.Column('taken_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['meeting_id'], ['committee_meeting.id'], name=op.f('fk_snapshot_meeting_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['program_id'], ['program.id'], name=op.f('fk_snapshot_program_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_snapshot')),
    sa.UniqueConstraint('program_id', 'day', 'kind', name=op.f('uq_snapshot_program_id_day_kind'))
    )
    op.create_table('decision_outcome',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('program_id', sa.Integer(), nullable=False),
    sa.Column('request_id', sa.Integer(), nullable=False),
    sa.Column('sequence', sa.Integer(), nullable=False),
    sa.Column('option_id', sa.Integer(), nullable=True),
    sa.Column('way', sa.String(length=10), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('decided_by_id', sa.Integer(), nullable=True),
    sa.Column('record', sa.Text(), nullable=False),
    sa.Column('previous_hash', sa.String(length=64), nullable=False),
    sa.Column('hash', sa.String(length=64), nullable=False),
    sa.ForeignKeyConstraint(['decided_by_id'], ['person.id'], name=op.f('fk_decision_outcome_decided_by_id')),
    sa.ForeignKeyConstraint(['option_id'], ['decision_option.id'], name=op.f('fk_decision_outcome_option_id'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['program_id'], ['program.id'], name=op.f('fk_decision_outcome_program_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['request_id'], ['decision_request.id'], name=op.f('fk_decision_outcome_request_id'), initially='DEFERRED', deferrable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_decision_outcome')),
    sa.UniqueConstraint('program_id', 'sequence', name=op.f('uq_decision_outcome_program_id_sequence')),
    sa.UniqueConstraint('request_id', name=op.f('uq_decision_outcome_request_id'))
    )
    op.create_table('decision_vote',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('request_id', sa.Integer(), nullable=False),
    sa.Column('member_id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('option_id', sa.Integer(), nullable=True),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['member_id'], ['committee_member.id'], name=op.f('fk_decision_vote_member_id'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['option_id'], ['decision_option.id'], name=op.f('fk_decision_vote_option_id'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_decision_vote_person_id')),
    sa.ForeignKeyConstraint(['request_id'], ['decision_request.id'], name=op.f('fk_decision_vote_request_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_decision_vote')),
    sa.UniqueConstraint('request_id', 'member_id', name=op.f('uq_decision_vote_request_id_member_id'))
    )
    with op.batch_alter_table('decision_vote', schema=None) as batch_op:
        batch_op.create_index('ix_decision_vote_member_id', ['member_id'], unique=False)

    op.create_table('meeting_action',
    sa.Column('meeting_id', sa.Integer(), nullable=False),
    sa.Column('item_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['item_id'], ['work_item.id'], name=op.f('fk_meeting_action_item_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['meeting_id'], ['committee_meeting.id'], name=op.f('fk_meeting_action_meeting_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('meeting_id', 'item_id', name=op.f('pk_meeting_action'))
    )
    with op.batch_alter_table('meeting_action', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_meeting_action_item_id'), ['item_id'], unique=False)



def downgrade() -> None:
    with op.batch_alter_table('meeting_action', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_meeting_action_item_id'))

    op.drop_table('meeting_action')
    with op.batch_alter_table('decision_vote', schema=None) as batch_op:
        batch_op.drop_index('ix_decision_vote_member_id')

    op.drop_table('decision_vote')
    op.drop_table('decision_outcome')
    op.drop_table('snapshot')
    with op.batch_alter_table('meeting_point', schema=None) as batch_op:
        batch_op.drop_index('ix_meeting_point_meeting_id')

    op.drop_table('meeting_point')
    op.drop_table('decision_option')
    with op.batch_alter_table('budget_line', schema=None) as batch_op:
        batch_op.drop_index('ix_budget_line_program_id')
        batch_op.drop_index('ix_budget_line_phase_id')

    op.drop_table('budget_line')
    with op.batch_alter_table('steering_plan', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_steering_plan_next_at'))

    op.drop_table('steering_plan')
    op.drop_table('status_report')
    with op.batch_alter_table('state_override', schema=None) as batch_op:
        batch_op.drop_index('ix_state_override_program_id')

    op.drop_table('state_override')
    with op.batch_alter_table('share_link', schema=None) as batch_op:
        batch_op.drop_index('ix_share_link_program_id')

    op.drop_table('share_link')
    with op.batch_alter_table('risk', schema=None) as batch_op:
        batch_op.drop_index('ix_risk_program_id')
        batch_op.drop_index('ix_risk_owner_id')

    op.drop_table('risk')
    with op.batch_alter_table('decision_request', schema=None) as batch_op:
        batch_op.drop_index('ix_decision_request_program_id')
        batch_op.drop_index(batch_op.f('ix_decision_request_asked_by_id'))

    op.drop_table('decision_request')
    with op.batch_alter_table('committee_member', schema=None) as batch_op:
        batch_op.drop_index('ix_committee_member_seat', sqlite_where=sa.text('until IS NULL'), postgresql_where=sa.text('until IS NULL'))
        batch_op.drop_index('ix_committee_member_person_id')
        batch_op.drop_index('ix_committee_member_deputy_id')

    op.drop_table('committee_member')
    with op.batch_alter_table('committee_meeting', schema=None) as batch_op:
        batch_op.drop_index('ix_committee_meeting_state')
        batch_op.drop_index('ix_committee_meeting_program_id')

    op.drop_table('committee_meeting')
